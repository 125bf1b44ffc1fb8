/** Owns the making of few large files out of many small ones. Start at {@link io.weir.ingest.compaction.Compactor}. */
@NullMarked
package io.weir.ingest.compaction;

import org.jspecify.annotations.NullMarked;
