package io.weir.storage.duckdb;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBConnection;

/**
 * Replaces the engine's {@code date_trunc} and {@code time_bucket} of times with zone by arithmetic where the zone does not
 * matter. The engine asks a calendar for each row, although Weir's sessions are in UTC, where a day has 24 hours: cutting
 * takes ten times as long as reading. Macros of the same names, found before the built-in functions, compute with
 * microseconds for units of fixed length, and call the built-in function for all else.
 */
final class FastTimeFunctions {

    private static final Map<String, Long> UNITS = Map.of(
            "'second', 'seconds'", 1_000_000L,
            "'minute', 'minutes'", 60_000_000L,
            "'hour', 'hours'", 3_600_000_000L,
            "'day', 'days'", 86_400_000_000L);

    /** Monday, 3 January 2000: where buckets of fixed length begin. */
    private static final long BUCKETS_BEGIN_MICROS = 946_857_600_000_000L;

    private FastTimeFunctions() {}

    /** Puts them into an instance, for all its connections. */
    static void register(DuckDBConnection root) throws SQLException {
        try (Statement statement = root.createStatement()) {
            for (String name : List.of("date_trunc", "datetrunc")) {
                statement.execute(truncation(name));
            }
            statement.execute(bucket());
        }
    }

    private static String truncation(String name) {
        StringBuilder cases = new StringBuilder();
        UNITS.forEach((words, micros) -> cases.append(" WHEN lower(part) IN (")
                .append(words)
                .append(") THEN coalesce(")
                .append(cut("0", Long.toString(micros)))
                .append(", system.main.date_trunc(part, t))"));
        return "CREATE MACRO " + name + "(part, t TIMESTAMPTZ) AS CASE" + cases
                + " ELSE system.main.date_trunc(part, t) END,"
                + " (part, t TIMESTAMP) AS system.main.date_trunc(part, t),"
                + " (part, t DATE) AS system.main.date_trunc(part, t),"
                + " (part, t INTERVAL) AS system.main.date_trunc(part, t)";
    }

    private static String bucket() {
        String width = "CAST(width AS INTERVAL)";
        String day = "datepart('day', " + width + ")";
        String fixed = "datepart('year', " + width + ") = 0 AND datepart('month', " + width + ") = 0 AND epoch_us("
                + width + ") > 0 AND (" + day + " = 0 OR epoch_us(" + width + ") = 86400000000 * " + day + ")";
        return "CREATE MACRO time_bucket(width, t TIMESTAMPTZ) AS CASE WHEN " + fixed + " THEN coalesce("
                + cut(Long.toString(BUCKETS_BEGIN_MICROS), "epoch_us(" + width + ")")
                + ", system.main.time_bucket(width, t)) ELSE system.main.time_bucket(width, t) END,"
                + " (width, t TIMESTAMP) AS system.main.time_bucket(width, t),"
                + " (width, t DATE) AS system.main.time_bucket(width, t),"
                + " (width, t, third) AS system.main.time_bucket(width, t, third)";
    }

    /** The latest multiple of a length after an origin that is not after {@code t}; null where t is infinite. */
    private static String cut(String origin, String length) {
        return "make_timestamptz(epoch_us(t) - ((epoch_us(t) - " + origin + ") % " + length + " + " + length + ") % "
                + length + ")";
    }
}
