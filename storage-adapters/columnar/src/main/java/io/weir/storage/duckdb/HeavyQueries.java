package io.weir.storage.duckdb;

import java.time.Duration;

/**
 * Which queries are heavy, and how many of them run at once.
 *
 * @param atOnce heavy queries that run at once; more wait without a session
 * @param rows rows from which on a query that would read them is heavy before it begins
 * @param after time of work after which any query is heavy
 */
public record HeavyQueries(int atOnce, long rows, Duration after) {

    public HeavyQueries {
        if (atOnce < 1 || rows < 1 || after.isNegative() || after.isZero()) {
            throw new IllegalArgumentException("heavy queries are " + atOnce + " at once, from " + rows
                    + " rows, after " + after + " (expected: each above 0)");
        }
    }

    /** As many as the engine has threads, from a million rows or after a second. */
    static HeavyQueries of(int threads) {
        return new HeavyQueries(Math.max(1, threads), 1_000_000, Duration.ofSeconds(1));
    }
}
