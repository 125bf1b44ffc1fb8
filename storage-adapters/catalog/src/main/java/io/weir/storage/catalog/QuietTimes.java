package io.weir.storage.catalog;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Since when nothing must have come for a partition that is to be compacted. Of an hour that is over, and not just so, rows come
 * as an import of old data brings them, so it need not be waited for as long as for one of which rows may be under way.
 *
 * @param any of any partition
 * @param pastHours of hours that begin before {@code pastBefore}
 * @param pastBefore when the hour before the present one begins
 */
public record QuietTimes(Instant any, Instant pastHours, Instant pastBefore) {

    /**
     * Those of that moment.
     *
     * @param quiet how long nothing must have come
     * @param quietPast the same of past hours; {@code quiet} if that is shorter
     */
    public static QuietTimes at(Instant now, Duration quiet, Duration quietPast) {
        Duration past = quietPast.compareTo(quiet) < 0 ? quietPast : quiet;
        return new QuietTimes(
                now.minus(quiet),
                now.minus(past),
                now.truncatedTo(ChronoUnit.HOURS).minus(1, ChronoUnit.HOURS));
    }

    /** Whether nothing came for that partition for long enough. */
    public boolean isQuiet(QueuedPartition queued) {
        Partition partition = queued.partition();
        boolean past = partition.tier() == PartitionTier.HOUR && partition.startMicros() < pastBeforeMicros();
        return !queued.quietSince().isAfter(past ? pastHours : any);
    }

    /** {@link #pastBefore} in UTC microseconds. */
    long pastBeforeMicros() {
        return pastBefore.toEpochMilli() * 1000;
    }
}
