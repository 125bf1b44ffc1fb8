package io.weir.standalone.server;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import java.util.function.Predicate;

/**
 * A condition by which rows are deleted.
 *
 * @param where what it is in SQL
 * @param holds what it says of a row
 */
record ModelCondition(String where, Predicate<ModelRow> holds) {

    private static final int HOUR = 3600;
    private static final long SECOND = 1_000_000L;

    /** One of rows that were written, of which there are {@code next}. */
    static ModelCondition ofRows(Random random, long nowMicros, long next) {
        long most = random.nextLong(next);
        int some = 2 + random.nextInt(40);
        String host = "h" + random.nextInt(3);
        long from = nowMicros - random.nextInt(4 * HOUR) * SECOND;
        long to = from + random.nextInt(HOUR) * SECOND;
        long old = to - 2 * HOUR * SECOND;
        return switch (random.nextInt(4)) {
            case 0 -> new ModelCondition("n % " + some + " = 0", row -> row.first() % some == 0);
            case 1 ->
                new ModelCondition(
                        "n BETWEEN " + (most - some) + " AND " + most,
                        row -> row.first() >= most - some && row.first() <= most);
            case 2 ->
                new ModelCondition(
                        "time >= make_timestamptz(" + from + ") AND time < make_timestamptz(" + to + ")",
                        row -> row.micros() >= from && row.micros() < to);
            default ->
                new ModelCondition(
                        "host = '" + host + "' AND time < '" + Instant.EPOCH.plus(old, ChronoUnit.MICROS) + "'",
                        row -> row.host().equals(host) && row.micros() < old);
        };
    }

    /** One of rows of windows that begin before then. */
    static ModelCondition ofWindows(Random random, long before) {
        String host = "h" + random.nextInt(3);
        return new ModelCondition(
                "host = '" + host + "' AND time < make_timestamptz(" + before + ")",
                row -> row.host().equals(host) && row.micros() < before);
    }
}
