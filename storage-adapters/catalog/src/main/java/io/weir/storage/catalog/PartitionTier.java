package io.weir.storage.catalog;

/** How long a partition of a measurement is. The numbers are stored ({@code compaction_queue.tier}). */
public enum PartitionTier {
    HOUR(0, 3_600_000_000L),
    DAY(1, 86_400_000_000L);

    private final int code;
    private final long micros;

    PartitionTier(int code, long micros) {
        this.code = code;
        this.micros = micros;
    }

    /** What is stored of it. */
    int code() {
        return code;
    }

    static PartitionTier ofCode(long code) {
        return code == HOUR.code ? HOUR : DAY;
    }

    /** Its length. */
    public long micros() {
        return micros;
    }

    /** The beginning of the partition that has that time. */
    public long startOf(long timeMicros) {
        return Math.floorDiv(timeMicros, micros) * micros;
    }
}
