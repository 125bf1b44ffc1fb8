package io.weir.storage.duckdb;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What bounds a {@link DuckDbEngine}.
 *
 * @param dataDirectories absolute directories the engine may read files of, and nothing else
 * @param spillDirectory absolute directory of this process alone for what does not fit in memory; emptied at start
 * @param memoryLimitBytes bytes the engine may use for all queries together
 * @param threads threads the engine computes with
 * @param maxSessions queries that run at once, and so threads named {@code weir-query-N}
 * @param maxPending queries that may wait for a session; one more is refused at once
 * @param acquireTimeout longest wait for a session
 * @param readerTimeout longest a result may wait for its reader before its session is taken back
 * @param heavy which queries are heavy, and how many of them run at once
 * @param spillLimitBytes bytes the engine may keep in {@code spillDirectory}
 */
public record DuckDbSettings(
        List<Path> dataDirectories,
        Path spillDirectory,
        long memoryLimitBytes,
        int threads,
        int maxSessions,
        int maxPending,
        Duration acquireTimeout,
        Duration readerTimeout,
        HeavyQueries heavy,
        long spillLimitBytes) {

    private static final long USUAL_SPILL_BYTES = 10L << 30;

    public DuckDbSettings {
        dataDirectories = List.copyOf(dataDirectories);
        requirePositive("memoryLimitBytes", memoryLimitBytes);
        requirePositive("threads", threads);
        requirePositive("maxSessions", maxSessions);
        requirePositive("acquireTimeout", acquireTimeout.toMillis());
        requirePositive("readerTimeout", readerTimeout.toMillis());
        requirePositive("spillLimitBytes", spillLimitBytes);
        if (maxPending < 0) {
            throw new IllegalArgumentException("maxPending is " + maxPending + " (expected: 0 or more)");
        }
    }

    /** Settings with the usual bounds of heavy queries and of what is spilled. */
    public DuckDbSettings(
            List<Path> dataDirectories,
            Path spillDirectory,
            long memoryLimitBytes,
            int threads,
            int maxSessions,
            int maxPending,
            Duration acquireTimeout,
            Duration readerTimeout) {
        this(
                dataDirectories,
                spillDirectory,
                memoryLimitBytes,
                threads,
                maxSessions,
                maxPending,
                acquireTimeout,
                readerTimeout,
                HeavyQueries.of(threads),
                USUAL_SPILL_BYTES);
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " is " + value + " (expected: above 0)");
        }
    }
}
