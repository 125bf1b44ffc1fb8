/**
 * Owns the check of the object store against the catalog, file by file, and the repair of what can be repaired without
 * guessing. Start at {@link io.weir.storage.check.StorageCheck}.
 */
@NullMarked
package io.weir.storage.check;

import org.jspecify.annotations.NullMarked;
