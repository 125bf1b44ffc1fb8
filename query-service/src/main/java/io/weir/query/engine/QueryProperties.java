package io.weir.query.engine;

import io.weir.query.snapshot.Freshness;
import io.weir.storage.duckdb.DuckDbSettings;
import io.weir.storage.duckdb.HeavyQueries;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What bounds queries.
 *
 * @param maxSessions default 0, which is two for each processor and at least 8; queries that run at once
 * @param maxPending default 256; queries that may wait for a session, one more is refused at once
 * @param acquireTimeout default 5s; longest wait for a session
 * @param timeout default 30s; longest time the engine works for a query that names no timeout
 * @param maxTimeout default 10m; longest timeout a query may name
 * @param readerTimeout default 60s; longest a result may wait for its reader
 * @param memoryLimit default 0, which is a quarter of the container's memory or what the heap leaves of it; memory the
 *     engine may use for all queries together
 * @param threads default 0, which is one for each processor; threads the engine computes with
 * @param maxRows default 0, which is no limit; rows after which a result fails
 * @param maxBody default 1MB; largest query request
 * @param slowAfter default 5s; queries that took so long are logged with their statement; 0 for none
 * @param pruning default true; whether files of other times than a statement asks for are left out
 * @param compress default true; whether results are compressed for clients that accept gzip or zstd
 * @param maxBytes default 0, which is no limit; bytes, before compression, after which a result fails
 * @param spillLimit default 10GB; what the engine may keep on disk of what does not fit in memory
 * @param heavy which queries are heavy, and how many of them run at once
 * @param freshness default visible; how new the rows are that queries see which do not say: {@code visible}, or {@code committed} for
 *     what is in files
 */
@ConfigurationProperties("weir.query")
public record QueryProperties(
        @DefaultValue("0") int maxSessions,
        @DefaultValue("256") int maxPending,
        @DefaultValue("5s") Duration acquireTimeout,
        @DefaultValue("30s") Duration timeout,
        @DefaultValue("10m") Duration maxTimeout,
        @DefaultValue("60s") Duration readerTimeout,
        @DefaultValue("0MB") DataSize memoryLimit,
        @DefaultValue("0") int threads,
        @DefaultValue("0") long maxRows,
        @DefaultValue("1MB") DataSize maxBody,
        @DefaultValue("5s") Duration slowAfter,
        @DefaultValue("true") boolean pruning,
        @DefaultValue("true") boolean compress,
        @DefaultValue("0B") DataSize maxBytes,
        @DefaultValue("10GB") DataSize spillLimit,
        @DefaultValue Heavy heavy,
        @DefaultValue("visible") Freshness freshness) {

    public QueryProperties {
        require("max-sessions", maxSessions, maxSessions >= 0, "0 or more");
        require("max-pending", maxPending, maxPending >= 0, "0 or more");
        require("acquire-timeout", acquireTimeout, isPositive(acquireTimeout), "above 0");
        require("timeout", timeout, isPositive(timeout), "above 0");
        require("max-timeout", maxTimeout, maxTimeout.compareTo(timeout) >= 0, "at least weir.query.timeout");
        require("reader-timeout", readerTimeout, isPositive(readerTimeout), "above 0");
        require(
                "memory-limit",
                memoryLimit,
                memoryLimit.toBytes() == 0 || memoryLimit.toMegabytes() >= 32,
                "0 or at least 32MB");
        require("threads", threads, threads >= 0, "0 or more");
        require("max-rows", maxRows, maxRows >= 0, "0 or more");
        require("slow-after", slowAfter, !slowAfter.isNegative(), "0 or more");
        require("max-bytes", maxBytes, maxBytes.toBytes() >= 0, "0 or more");
        require("spill-limit", spillLimit, spillLimit.toMegabytes() >= 1, "at least 1MB");
        require("max-body", maxBody, maxBody.toBytes() >= 1, "above 0");
    }

    /**
     * Heavy queries.
     *
     * @param atOnce default 0, which is as many as the engine has threads; how many run at once
     * @param rows default 1000000; rows from which on a query that would read them is heavy
     * @param after default 1s; time of work after which any query is heavy
     */
    public record Heavy(
            @DefaultValue("0") int atOnce,
            @DefaultValue("1000000") long rows,
            @DefaultValue("1s") Duration after) {

        public Heavy {
            require("heavy.at-once", atOnce, atOnce >= 0, "0 or more");
            require("heavy.rows", rows, rows >= 1, "above 0");
            require("heavy.after", after, isPositive(after), "above 0");
        }
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void require(String key, @Nullable Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException("weir.query." + key + " is " + value + " (expected: " + expected + ")");
        }
    }

    /** The engine these properties and directories describe. */
    public DuckDbSettings engine(QueryDirectories directories) {
        int processors = Runtime.getRuntime().availableProcessors();
        int computing = threads == 0 ? processors : threads;
        return new DuckDbSettings(
                directories.data(),
                directories.spill(),
                engineMemoryBytes(),
                computing,
                sessionsAtOnce(),
                maxPending,
                acquireTimeout,
                readerTimeout,
                new HeavyQueries(heavy.atOnce() == 0 ? computing : heavy.atOnce(), heavy.rows(), heavy.after()),
                spillLimit.toBytes());
    }

    /** Memory of the engine, without a special number for its share of the container. */
    public long engineMemoryBytes() {
        return memoryLimit.toBytes() == 0 ? ContainerShare.memory() : memoryLimit.toBytes();
    }

    /** Queries that run at once, without a special number for as many as suit the processors. */
    public int sessionsAtOnce() {
        return maxSessions == 0 ? ContainerShare.sessions(Runtime.getRuntime().availableProcessors()) : maxSessions;
    }

    /** Rows after which a result fails, without a special number for none. */
    public long allowedRows() {
        return maxRows == 0 ? Long.MAX_VALUE : maxRows;
    }

    /** Bytes after which a result fails, without a special number for none. */
    public long allowedBytes() {
        return maxBytes.toBytes() == 0 ? Long.MAX_VALUE : maxBytes.toBytes();
    }
}
