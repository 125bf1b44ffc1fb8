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
 * @param flushAge age of the oldest unflushed row of a measurement at which its rows are flushed; default 10 s
 * @param flushSize heap of a measurement's unflushed rows at which they are flushed; default 32 MB
 * @param flushBackoff pause after the first failure of a flush, doubling up to a minute; default 500 ms
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
        @DefaultValue("32MB") DataSize flushSize,
        @DefaultValue("500ms") Duration flushBackoff) {

    private static final double HEAP_SHARE = 0.4;

    public IngestSettings {
        require(memory == null || memory.toBytes() > 0, "memory", memory);
        require(maxBody.toBytes() > 0, "max-body", maxBody);
        require(maxLineProtocol.toBytes() > 0, "max-line-protocol", maxLineProtocol);
        require(maxMessagePack.toBytes() > 0, "max-message-pack", maxMessagePack);
        require(maxArrow.toBytes() > 0, "max-arrow", maxArrow);
        require(maxNdjson.toBytes() > 0, "max-ndjson", maxNdjson);
        require(isPositive(flushAge), "flush-age", flushAge);
        require(flushSize.toBytes() > 0, "flush-size", flushSize);
        require(isPositive(flushBackoff), "flush-backoff", flushBackoff);
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
