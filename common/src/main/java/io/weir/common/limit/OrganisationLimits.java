package io.weir.common.limit;

/**
 * How much an organisation may use; 0 is any amount.
 *
 * @param bytesPerMinute bytes of request bodies it may send, as they are sent; a minute's worth may come at once
 * @param rowsPerMinute rows it may write, likewise
 * @param concurrentQueries queries that may run or wait at once
 * @param sockets subscriptions it may hold at once
 * @param cacheEntries results of its queries that may be cached at once
 */
public record OrganisationLimits(
        long bytesPerMinute, long rowsPerMinute, int concurrentQueries, int sockets, int cacheEntries) {

    /** No limits. */
    public static final OrganisationLimits NONE = new OrganisationLimits(0, 0, 0, 0, 0);

    /** Checks that none is negative. */
    public OrganisationLimits {
        require("bytes_per_minute", bytesPerMinute);
        require("rows_per_minute", rowsPerMinute);
        require("concurrent_queries", concurrentQueries);
        require("sockets", sockets);
        require("cache_entries", cacheEntries);
    }

    private static void require(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " is " + value + " (expected: 0 for any amount, or more)");
        }
    }
}
