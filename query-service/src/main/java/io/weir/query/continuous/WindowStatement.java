package io.weir.query.continuous;

import io.weir.common.model.TimeRange;
import java.time.Instant;

/**
 * The statement of a window. One that names the window's ends by {@code {start_time}} and {@code {end_time}}, quoted or not,
 * gets them as literals, and reads whatever it says; one that does not sees only rows of the window, wherever it reads.
 *
 * @param sql what is run
 * @param range times of the rows that it sees
 */
record WindowStatement(String sql, TimeRange range) {

    private static final String START = "{start_time}";
    private static final String END = "{end_time}";

    /** The statement of the window {@code [startMicros, endMicros)}, both whole seconds. */
    static WindowStatement of(String statement, long startMicros, long endMicros) {
        if (!statement.contains(START) && !statement.contains(END)) {
            return new WindowStatement(statement, new TimeRange(startMicros, endMicros - 1));
        }
        String sql = put(put(statement, START, startMicros), END, endMicros);
        return new WindowStatement(sql, TimeRange.ALL);
    }

    private static String put(String statement, String name, long micros) {
        String literal = "TIMESTAMPTZ '" + Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L)) + "'";
        return statement.replace("'" + name + "'", literal).replace(name, literal);
    }
}
