package io.weir.query.snapshot;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;

/** How new the rows are that a query sees. */
public enum Freshness {
    /** Every row that was acknowledged before the query began, whether or not it is in a file; the query fails when that cannot be told. */
    VISIBLE,
    /** Rows that are in files. */
    COMMITTED;

    /** The freshness of that name. @throws WeirException {@code invalid-parameter} */
    public static Freshness of(String name) {
        return switch (name) {
            case "visible" -> VISIBLE;
            case "committed" -> COMMITTED;
            default ->
                throw new WeirException(
                        QueryError.INVALID_PARAMETER, "freshness \"" + name + "\" (expected: visible or committed)");
        };
    }
}
