/**
 * Owns the step from an Arrow IPC stream to {@link io.weir.common.batch.ColumnBatch}es (docs/formats/arrow.md). Start at
 * {@link io.weir.ingest.decode.arrow.ArrowStreamDecoder}.
 */
@NullMarked
package io.weir.ingest.decode.arrow;

import org.jspecify.annotations.NullMarked;
