/**
 * Owns the way of a sealed part into files and the catalog. Start at {@link io.weir.ingest.flush.Flusher}.
 */
@NullMarked
package io.weir.ingest.flush;

import org.jspecify.annotations.NullMarked;
