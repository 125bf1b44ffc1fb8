package io.weir.query.snapshot;

import io.weir.common.model.TableId;

/**
 * What tells one state of a measurement, as queries see it, from every other: two reads of equal versions see equal rows and
 * columns. Whoever compares versions has read the earlier one to its end before the later one began.
 *
 * @param table the measurement
 * @param hot version of its hot rows, read first
 * @param stored version of its schema and files, read after it; empty where it is not known
 */
public record TableVersion(TableId table, String hot, String stored) {

    /** Whether anything may be kept by this version. */
    public boolean isKnown() {
        return !stored.isEmpty();
    }
}
