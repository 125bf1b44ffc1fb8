package io.weir.ingest.edge;

import io.weir.ingest.decode.Precision;

/**
 * What a write request asks for besides its rows.
 *
 * @param precision unit of its timestamps
 * @param acceptPartial whether good rows are stored when others are bad
 * @param skipSync whether the answer need not wait for the disk
 */
record WriteParameters(Precision precision, boolean acceptPartial, boolean skipSync) {}
