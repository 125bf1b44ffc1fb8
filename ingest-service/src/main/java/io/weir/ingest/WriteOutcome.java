package io.weir.ingest;

import io.weir.ingest.decode.LineError;
import java.util.List;

/**
 * What became of a request body.
 *
 * @param acceptedRows rows without fault
 * @param storedRows of those, the rows that were stored: all, or none when a bad row refuses the body
 * @param rejectedRows rows with a fault
 * @param errors why, for the first of them, in body order
 */
public record WriteOutcome(long acceptedRows, long storedRows, long rejectedRows, List<LineError> errors) {

    public WriteOutcome {
        errors = List.copyOf(errors);
    }
}
