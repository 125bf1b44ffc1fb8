/**
 * Owns the step from JSON to {@link io.weir.common.batch.ColumnBatch}es, a row an object. Start at {@link
 * io.weir.ingest.decode.json.NdjsonDecoder} for one object a line and at {@link io.weir.ingest.decode.json.JsonDecoder}
 * for one document.
 */
@NullMarked
package io.weir.ingest.decode.json;

import org.jspecify.annotations.NullMarked;
