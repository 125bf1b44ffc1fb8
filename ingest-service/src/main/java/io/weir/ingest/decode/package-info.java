/**
 * Owns the step from the bytes of a request body to {@link io.weir.common.batch.ColumnBatch}es. Start at {@link
 * io.weir.ingest.decode.LineProtocolDecoder} and {@link io.weir.ingest.decode.MessagePackDecoder}.
 */
@NullMarked
package io.weir.ingest.decode;

import org.jspecify.annotations.NullMarked;
