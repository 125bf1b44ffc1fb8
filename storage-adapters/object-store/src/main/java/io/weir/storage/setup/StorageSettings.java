package io.weir.storage.setup;

import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.KeyPrefix;
import io.weir.storage.resilience.BreakerLimits;
import io.weir.storage.resilience.ResilienceSettings;
import io.weir.storage.resilience.RetryLimits;
import io.weir.storage.resilience.TimeLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where data files are kept, {@code weir.storage.*}. Everything but {@code type} is for remote stores only.
 *
 * @param type {@code local} (default): under the data directory; {@code s3}, {@code minio} or {@code gcs}
 * @param prefix of every key in the bucket, default none
 * @param s3 of types {@code s3} and {@code minio}
 * @param gcs of type {@code gcs}
 * @param connections the pool
 * @param timeouts time limits
 * @param retry repetition of what failed
 * @param breaker when calls stop for a while
 * @param maxCalls calls of one class (read, write, list, remove) at once, default 256; 0: no limit
 * @param memory buffers of transfers at once, default an eighth of the heap; beyond it reads fail at once as busy, and
 *     flushes go on
 * @param cache copies of remote files that queries read
 */
@ConfigurationProperties("weir.storage")
public record StorageSettings(
        @DefaultValue("local") StoreType type,
        @DefaultValue("") String prefix,
        @NestedConfigurationProperty @DefaultValue S3Options s3,
        @NestedConfigurationProperty @DefaultValue GcsOptions gcs,
        @DefaultValue Connections connections,
        @DefaultValue Timeouts timeouts,
        @DefaultValue RetryOptions retry,
        @DefaultValue Breaker breaker,
        @DefaultValue("256") int maxCalls,
        @Nullable DataSize memory,
        @DefaultValue Cache cache) {

    /**
     * The pool of connections.
     *
     * @param max open connections, default 500
     * @param pending calls that may wait for one, default 1,000; more fail at once
     * @param acquireTimeout longest wait for one, default 10 s
     * @param connectTimeout longest time to make one, default 5 s
     * @param silenceTimeout longest time without a byte when one is due, default 30 s
     * @param idleTime after which an unused one is closed, default 1 minute
     * @param lifeTime after which one is not used again, default 10 minutes
     */
    public record Connections(
            @DefaultValue("500") int max,
            @DefaultValue("1000") int pending,
            @DefaultValue("10s") Duration acquireTimeout,
            @DefaultValue("5s") Duration connectTimeout,
            @DefaultValue("30s") Duration silenceTimeout,
            @DefaultValue("1m") Duration idleTime,
            @DefaultValue("10m") Duration lifeTime) {

        public Connections {
            Require.that(max > 0, "connections.max", max, "more than 0");
            Require.that(pending >= 0, "connections.pending", pending, "0 or more");
            Require.positive("connections.acquire-timeout", acquireTimeout);
            Require.positive("connections.connect-timeout", connectTimeout);
            Require.positive("connections.silence-timeout", silenceTimeout);
            Require.positive("connections.idle-time", idleTime);
            Require.positive("connections.life-time", lifeTime);
        }

        ConnectionLimits limits() {
            return new ConnectionLimits(
                    max, pending, acquireTimeout, connectTimeout, silenceTimeout, idleTime, lifeTime);
        }
    }

    /**
     * Time limits.
     *
     * @param enabled default true; false leaves only those of the connections
     * @param attempt most for one attempt, default 30 s; while reading, the longest silence
     * @param total of all attempts, default 5 minutes
     * @param slowestRate bytes a second that a transfer is given time for on top of both, default 1 MB
     * @param adaptive whether an attempt gets less where the latest answers came much faster, default true
     * @param floor the least it gets then, default 5 s
     */
    public record Timeouts(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("30s") Duration attempt,
            @DefaultValue("5m") Duration total,
            @DefaultValue("1MB") DataSize slowestRate,
            @DefaultValue("true") boolean adaptive,
            @DefaultValue("5s") Duration floor) {

        public Timeouts {
            Require.positive("timeouts.floor", floor);
            Require.positive("timeouts.attempt", attempt);
            Require.that(
                    total.compareTo(attempt) >= 0, "timeouts.total", total, "at least timeouts.attempt, " + attempt);
            Require.that(slowestRate.toBytes() > 0, "timeouts.slowest-rate", slowestRate, "more than 0");
        }

        TimeLimits limits() {
            return new TimeLimits(enabled, attempt, total, slowestRate.toBytes(), adaptive, floor);
        }
    }

    /**
     * Repetition of what failed and is safe to repeat.
     *
     * @param enabled default true
     * @param attempts in all, default 4
     * @param firstPause before the second, by chance half of it more or less, then doubled; default 200 ms
     * @param longestPause default 10 s
     */
    public record RetryOptions(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("4") int attempts,
            @DefaultValue("200ms") Duration firstPause,
            @DefaultValue("10s") Duration longestPause) {

        public RetryOptions {
            Require.that(attempts > 0, "retry.attempts", attempts, "more than 0");
            Require.positive("retry.first-pause", firstPause);
            Require.that(
                    longestPause.compareTo(firstPause) >= 0,
                    "retry.longest-pause",
                    longestPause,
                    "at least retry.first-pause, " + firstPause);
        }

        RetryLimits limits() {
            return new RetryLimits(enabled, attempts, firstPause, longestPause);
        }
    }

    /**
     * When calls stop for a while because too many of the latest ones failed or were slow.
     *
     * @param enabled default true
     * @param window calls that are looked at, default 50
     * @param leastCalls fewer tell nothing, default 10
     * @param failurePercent that opens the breaker, default 50
     * @param slowPercent that opens it, default 80
     * @param slowAfter makes a call slow, besides what its bytes need; default 10 s
     * @param openFor before a few calls are tried again, default 10 s
     * @param trials how many, default 3
     */
    public record Breaker(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("50") int window,
            @DefaultValue("10") int leastCalls,
            @DefaultValue("50") int failurePercent,
            @DefaultValue("80") int slowPercent,
            @DefaultValue("10s") Duration slowAfter,
            @DefaultValue("10s") Duration openFor,
            @DefaultValue("3") int trials) {

        public Breaker {
            Require.that(window > 0, "breaker.window", window, "more than 0");
            Require.that(
                    leastCalls > 0 && leastCalls <= window,
                    "breaker.least-calls",
                    leastCalls,
                    "1 to breaker.window, " + window);
            Require.percent("breaker.failure-percent", failurePercent);
            Require.percent("breaker.slow-percent", slowPercent);
            Require.positive("breaker.slow-after", slowAfter);
            Require.positive("breaker.open-for", openFor);
            Require.that(trials > 0, "breaker.trials", trials, "more than 0");
        }

        BreakerLimits limits() {
            return new BreakerLimits(
                    enabled, window, leastCalls, failurePercent, slowPercent, slowAfter, openFor, trials);
        }
    }

    /**
     * Copies of remote files, in {@code cache/} of the data directory.
     *
     * @param maxSize bytes of all of them, default 10 GB. The files one query reads must fit
     */
    public record Cache(@DefaultValue("10GB") DataSize maxSize) {
        public Cache {
            Require.that(maxSize.toBytes() > 0, "cache.max-size", maxSize, "more than 0");
        }
    }

    public StorageSettings {
        Require.that(maxCalls >= 0, "max-calls", maxCalls, "0 or more");
        Require.that(memory == null || memory.toBytes() > 0, "memory", String.valueOf(memory), "more than 0");
        try {
            KeyPrefix.of(prefix);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("weir.storage.prefix: " + e.getMessage(), e);
        }
        if (type == StoreType.S3 || type == StoreType.MINIO) {
            s3.requireComplete(type);
        }
        if (type == StoreType.GCS) {
            gcs.requireComplete();
        }
    }

    /** Where files are kept, for people. */
    public String place() {
        return switch (type) {
            case LOCAL -> "in the data directory";
            case S3, MINIO ->
                "s3://" + s3.bucket() + "/" + keyPrefix().text()
                        + (s3.endpoint().isEmpty() ? "" : " at " + s3.endpoint());
            case GCS -> "gs://" + gcs.bucket() + "/" + keyPrefix().text();
        };
    }

    KeyPrefix keyPrefix() {
        return KeyPrefix.of(prefix);
    }

    ResilienceSettings resilience() {
        ResilienceSettings settings =
                new ResilienceSettings(timeouts.limits(), retry.limits(), breaker.limits(), maxCalls);
        return memory == null ? settings : settings.withMemory(memory.toBytes());
    }
}
