package io.weir.ingest.decode;

import io.weir.common.batch.ColumnBatch;
import java.util.List;

/**
 * A request body, decoded.
 *
 * @param batches the accepted rows, by measurement in order of first sight; a very large measurement has several
 * @param acceptedRows rows in {@code batches}
 * @param rejectedRows rows left out, exactly
 * @param errors why, for the first of them, in body order
 */
public record DecodedWrite(List<ColumnBatch> batches, long acceptedRows, long rejectedRows, List<LineError> errors) {

    /** Copies the lists. */
    public DecodedWrite {
        batches = List.copyOf(batches);
        errors = List.copyOf(errors);
    }
}
