package io.weir.standalone.server;

import java.util.Collection;

/**
 * A row as it should be: one that was written, with its number and how old it was, or one of a window, with how many rows it
 * stands for and the sum of their numbers.
 *
 * @param micros its time
 * @param host its tag
 * @param first number; or rows
 * @param second age in seconds; or sum
 */
record ModelRow(long micros, String host, long first, long second) {

    private static final long PRIME = 100_003;

    /** What {@link #totals} of a statement with columns {@code t, host, a, b} are in SQL. */
    static String totals(String table, String rows) {
        return "SELECT '" + table
                + "' AS m, count(*) AS c, coalesce(sum(a), 0)::BIGINT AS a, coalesce(sum(b), 0)::BIGINT AS b,"
                + " coalesce(sum(t // 1000000 % " + PRIME + " * (a % 1009)), 0)::BIGINT AS ta FROM (" + rows + ")";
    }

    /** Count and sums, as they come from a query. */
    static String totals(String table, Collection<ModelRow> rows) {
        long first = 0;
        long second = 0;
        long mixed = 0;
        for (ModelRow row : rows) {
            first += row.first;
            second += row.second;
            mixed += row.micros / 1_000_000 % PRIME * (row.first % 1009);
        }
        return "{\"m\":\"" + table + "\",\"c\":" + rows.size() + ",\"a\":" + first + ",\"b\":" + second + ",\"ta\":"
                + mixed + "}";
    }
}
