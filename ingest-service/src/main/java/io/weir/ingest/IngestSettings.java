package io.weir.ingest;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How rows are taken in; {@code weir.ingest.*}.
 *
 * @param autoCreate whether a write creates the databases and measurements it names; default true
 * @param memory heap for bodies being decoded, rows waiting for the log, and rows not yet in files, together; beyond it
 *     writes are answered 503. Default 40 % of the maximum heap
 * @param maxBody most bytes of a body as sent; default 512 MB
 * @param maxLineProtocol most bytes of a line protocol body after decompression; default 500 MB
 * @param maxMessagePack most bytes of a MessagePack body after decompression; default 100 MB
 * @param maxArrow most bytes of an Arrow stream after decompression, that of its own buffers included; default 100 MB
 * @param maxNdjson most bytes of an NDJSON body after decompression; default 500 MB
 * @param flushAge age of the oldest unflushed row of a measurement at which its rows are flushed, when they are at least
 *     {@code flushMinSize}; default 10 s
 * @param flushMaxAge age at which they are flushed however few they are; between half of it and all of it, by chance, so
 *     that many measurements do not come at once. Never before {@code flushAge}; default 10 minutes
 * @param flushMinSize heap of a measurement's unflushed rows below which they wait for {@code flushMaxAge}, durable and
 *     visible, instead of becoming one small file after the other; 0 lets none wait. Default 1 MB
 * @param flushSize heap of a measurement's unflushed rows at which they are flushed at once; default 32 MB
 * @param flushTimeout longest one attempt of a flush may take, from its own start; default 5 minutes
 * @param flushWait longest {@code POST /api/v1/flush} waits before it answers 503 and says what is not in files yet; flushing
 *     goes on. Default 60 s
 * @param flushBackoff pause after the first failure of a flush, doubling up to 120 times that; default 500 ms
 * @param stopPatience longest a stop waits for rows to be flushed; what is left is replayed at the next start. Default 20 s
 */
@ConfigurationProperties("weir.ingest")
public record IngestSettings(
        @DefaultValue("true") boolean autoCreate,
        @Nullable DataSize memory,
        @DefaultValue("512MB") DataSize maxBody,
        @DefaultValue("500MB") DataSize maxLineProtocol,
        @DefaultValue("100MB") DataSize maxMessagePack,
        @DefaultValue("100MB") DataSize maxArrow,
        @DefaultValue("500MB") DataSize maxNdjson,
        @DefaultValue("10s") Duration flushAge,
        @DefaultValue("10m") Duration flushMaxAge,
        @DefaultValue("1MB") DataSize flushMinSize,
        @DefaultValue("32MB") DataSize flushSize,
        @DefaultValue("5m") Duration flushTimeout,
        @DefaultValue("60s") Duration flushWait,
        @DefaultValue("500ms") Duration flushBackoff,
        @DefaultValue("20s") Duration stopPatience) {

    private static final double HEAP_SHARE = 0.4;

    public IngestSettings {
        require(memory == null || memory.toBytes() > 0, "memory", memory);
        require(maxBody.toBytes() > 0, "max-body", maxBody);
        require(maxLineProtocol.toBytes() > 0, "max-line-protocol", maxLineProtocol);
        require(maxMessagePack.toBytes() > 0, "max-message-pack", maxMessagePack);
        require(maxArrow.toBytes() > 0, "max-arrow", maxArrow);
        require(maxNdjson.toBytes() > 0, "max-ndjson", maxNdjson);
        require(isPositive(flushAge), "flush-age", flushAge);
        require(isPositive(flushMaxAge), "flush-max-age", flushMaxAge);
        if (flushMinSize.isNegative()) {
            throw new IllegalArgumentException(
                    "weir.ingest.flush-min-size is " + flushMinSize + " (expected: 0 or more)");
        }
        require(flushSize.toBytes() > 0, "flush-size", flushSize);
        require(isPositive(flushTimeout), "flush-timeout", flushTimeout);
        require(isPositive(flushWait), "flush-wait", flushWait);
        require(isPositive(flushBackoff), "flush-backoff", flushBackoff);
        require(isPositive(stopPatience), "stop-patience", stopPatience);
    }

    /** Bytes of {@link #memory}, or the share of the heap that stands for it. */
    public long memoryBytes() {
        return memory == null ? (long) (Runtime.getRuntime().maxMemory() * HEAP_SHARE) : memory.toBytes();
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void require(boolean condition, String key, @Nullable Object value) {
        if (!condition) {
            throw new IllegalArgumentException("weir.ingest." + key + " is " + value + " (expected: more than 0)");
        }
    }
}
