package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;

/**
 * An hour or a day of a measurement.
 *
 * @param table measurement
 * @param tier how long it is
 * @param startMicros its beginning, UTC microseconds
 */
public record Partition(TableId table, PartitionTier tier, long startMicros) {

    /** Its times. */
    public TimeRange range() {
        return new TimeRange(startMicros, endMicros() - 1);
    }

    /** First time behind it. */
    public long endMicros() {
        return startMicros + tier.micros();
    }

    /** Whether all times of that file are in it. */
    public boolean holds(DataFile file) {
        return file.minMicros() >= startMicros && file.maxMicros() < endMicros();
    }

    /** The day that it is in, or is. */
    public Partition day() {
        return new Partition(table, PartitionTier.DAY, PartitionTier.DAY.startOf(startMicros));
    }
}
