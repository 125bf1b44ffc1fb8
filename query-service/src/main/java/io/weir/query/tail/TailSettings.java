package io.weir.query.tail;

import io.weir.common.memory.MemoryBudget;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What bounds subscriptions.
 *
 * @param enabled default true; whether there are any
 * @param maxSubscriptions default 1000; of this process
 * @param maxPerRoom default 100; of one measurement
 * @param memory default 64MB; what batches that wait and frames that are sent may hold together
 * @param roomBuffer default 8MB; batches of one measurement that wait for their readers
 * @param readerBuffer default 1MB; frames that wait for one reader
 * @param frameSize default 64KB; about the largest frame, a longer row aside
 * @param pingInterval default 30s; time between two pings, or comments of an event stream
 * @param pingTimeout default 30s; how long a client may take to answer a ping
 * @param stallTimeout default 1m; how long a connection may take no byte of a frame
 * @param idleTimeout default 1h; longest without a row to send; 0s for any
 * @param maxAge default 24h; longest subscription
 * @param sweep default 1s; time between two looks at all subscriptions, and at their tokens
 * @param roomGauges default 20; rooms, the fullest ones, that have a gauge of their own
 * @param allowedOrigins default none; origins of other sites whose pages may subscribe, such as {@code https://board.example}
 */
@Validated
@ConfigurationProperties("weir.tail")
public record TailSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("1000") int maxSubscriptions,
        @DefaultValue("100") int maxPerRoom,
        @DefaultValue("64MB") DataSize memory,
        @DefaultValue("8MB") DataSize roomBuffer,
        @DefaultValue("1MB") DataSize readerBuffer,
        @DefaultValue("64KB") DataSize frameSize,
        @DefaultValue("30s") Duration pingInterval,
        @DefaultValue("30s") Duration pingTimeout,
        @DefaultValue("1m") Duration stallTimeout,
        @DefaultValue("1h") Duration idleTimeout,
        @DefaultValue("24h") Duration maxAge,
        @DefaultValue("1s") Duration sweep,
        @DefaultValue("20") int roomGauges,
        @DefaultValue List<String> allowedOrigins) {

    /** Checks each, and that frames fit where they wait. */
    public TailSettings {
        allowedOrigins = List.copyOf(allowedOrigins);
        require("max-subscriptions", maxSubscriptions, maxSubscriptions >= 1, "at least 1");
        require("max-per-room", maxPerRoom, maxPerRoom >= 1, "at least 1");
        require("frame-size", frameSize, frameSize.toBytes() >= 1 << 10, "at least 1KB");
        require("reader-buffer", readerBuffer, isAtLeast(readerBuffer, frameSize), "at least weir.tail.frame-size");
        require("room-buffer", roomBuffer, isAtLeast(roomBuffer, frameSize), "at least weir.tail.frame-size");
        require("memory", memory, isAtLeast(memory, roomBuffer), "at least weir.tail.room-buffer");
        requirePositive("ping-interval", pingInterval);
        requirePositive("ping-timeout", pingTimeout);
        requirePositive("stall-timeout", stallTimeout);
        require("idle-timeout", idleTimeout, !idleTimeout.isNegative(), "0s for any, or more");
        requirePositive("max-age", maxAge);
        requirePositive("sweep", sweep);
        require("room-gauges", roomGauges, roomGauges >= 0, "0 or more");
    }

    /** What rows that wait on their way over a bus may hold, beside {@code memory}. */
    public MemoryBudget busBudget() {
        return MemoryBudget.root("weir.tail.memory of the bus", memory.toBytes());
    }

    private static boolean isAtLeast(DataSize size, DataSize least) {
        return size.compareTo(least) >= 0;
    }

    private static void requirePositive(String key, Duration duration) {
        require(key, duration, !duration.isNegative() && !duration.isZero(), "above 0");
    }

    private static void require(String key, @Nullable Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException("weir.tail." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
