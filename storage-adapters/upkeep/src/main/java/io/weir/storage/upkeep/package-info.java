/**
 * Owns what keeps the object store in step with the catalog while servers run: which removals running queries began before,
 * whose store it is, and the removal of objects that nobody needs. Start at {@link io.weir.storage.upkeep.OrphanSweep}.
 */
@NullMarked
package io.weir.storage.upkeep;

import org.jspecify.annotations.NullMarked;
