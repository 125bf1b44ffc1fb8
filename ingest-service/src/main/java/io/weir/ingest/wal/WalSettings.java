package io.weir.ingest.wal;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How the write-ahead log works; {@code weir.wal.*}.
 *
 * @param sync what an acknowledged append has survived; by default an fsync that all waiting appends share
 * @param syncInterval longest time data may stay unsynced when no append waits for a sync; default 100 ms
 * @param segmentSize bytes of one segment file, zeroed before use; default 64 MB, 4 KB to 1 GB. A larger append gets a
 *     segment of its own
 * @param spareSegments released segments kept for reuse; default 2. One segment more is always prepared ahead
 * @param maxQueue heap bytes of appends that wait for the log; beyond it appends fail as {@code overloaded}. One append
 *     larger than that is taken when nothing else waits. Default 64 MB
 * @param retryInterval after a segment could not be prepared (disk full), appends fail at once for that long before
 *     the next attempt; default 1 s
 * @param maxSize bytes of segments whose rows are not in files yet. From three quarters of it on, the oldest rows are
 *     flushed early; at all of it appends fail as {@code overloaded} until flushing has caught up. At least four segments;
 *     default 4 GB
 * @param trimAfter time without an append after which spare segments are removed; default 1 minute. A clean stop removes
 *     them too
 * @param quarantineSize bytes of what could not be replayed and was set aside; beyond it the oldest files are removed at a
 *     start, but the newest always stays. Default 1 GB
 */
@ConfigurationProperties("weir.wal")
public record WalSettings(
        @DefaultValue("fsync") SyncMode sync,
        @DefaultValue("100ms") Duration syncInterval,
        @DefaultValue("64MB") DataSize segmentSize,
        @DefaultValue("2") int spareSegments,
        @DefaultValue("64MB") DataSize maxQueue,
        @DefaultValue("1s") Duration retryInterval,
        @DefaultValue("4GB") DataSize maxSize,
        @DefaultValue("1m") Duration trimAfter,
        @DefaultValue("1GB") DataSize quarantineSize) {

    private static final DataSize MIN_SEGMENT = DataSize.ofKilobytes(4);
    private static final DataSize MAX_SEGMENT = DataSize.ofGigabytes(1);
    private static final int LEAST_SEGMENTS = 4;

    public WalSettings {
        require(!syncInterval.isNegative() && !syncInterval.isZero(), "sync-interval", syncInterval, "more than 0");
        require(
                segmentSize.compareTo(MIN_SEGMENT) >= 0
                        && segmentSize.compareTo(MAX_SEGMENT) <= 0
                        && segmentSize.toBytes() % 8 == 0,
                "segment-size",
                segmentSize,
                "4KB to 1GB, a multiple of 8 bytes");
        require(spareSegments >= 0, "spare-segments", spareSegments, "0 or more");
        require(maxQueue.toBytes() > 0, "max-queue", maxQueue, "more than 0");
        require(!retryInterval.isNegative(), "retry-interval", retryInterval, "0 or more");
        require(
                maxSize.toBytes() / LEAST_SEGMENTS >= segmentSize.toBytes(),
                "max-size",
                maxSize,
                "at least " + LEAST_SEGMENTS + " times weir.wal.segment-size, " + segmentSize);
        require(!trimAfter.isNegative() && !trimAfter.isZero(), "trim-after", trimAfter, "more than 0");
        require(!quarantineSize.isNegative(), "quarantine-size", quarantineSize, "0 or more");
    }

    /** The settings of a server that sets none. */
    public static WalSettings defaults() {
        return new WalSettings(
                SyncMode.FSYNC,
                Duration.ofMillis(100),
                DataSize.ofMegabytes(64),
                2,
                DataSize.ofMegabytes(64),
                Duration.ofSeconds(1),
                DataSize.ofGigabytes(4),
                Duration.ofMinutes(1),
                DataSize.ofGigabytes(1));
    }

    /** These settings with another sync mode. */
    public WalSettings withSync(SyncMode mode) {
        return new WalSettings(
                mode,
                syncInterval,
                segmentSize,
                spareSegments,
                maxQueue,
                retryInterval,
                maxSize,
                trimAfter,
                quarantineSize);
    }

    /** These settings with another segment size. */
    public WalSettings withSegmentSize(DataSize size) {
        return new WalSettings(
                sync, syncInterval, size, spareSegments, maxQueue, retryInterval, maxSize, trimAfter, quarantineSize);
    }

    /** These settings with another maximum size. */
    public WalSettings withMaxSize(DataSize size) {
        return new WalSettings(
                sync,
                syncInterval,
                segmentSize,
                spareSegments,
                maxQueue,
                retryInterval,
                size,
                trimAfter,
                quarantineSize);
    }

    /** These settings with another bound of what is set aside. */
    public WalSettings withQuarantineSize(DataSize size) {
        return new WalSettings(
                sync, syncInterval, segmentSize, spareSegments, maxQueue, retryInterval, maxSize, trimAfter, size);
    }

    private static void require(boolean condition, String key, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException("weir.wal." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
