package io.weir.ingest.compaction;

import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.storage.catalog.QuietTimes;
import io.weir.storage.parquet.merging.Duplicates;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How small files become large ones; {@code weir.compaction.*}.
 *
 * @param enabled whether this process compacts by itself; it does when it is asked to in any case. Default true
 * @param interval time between looks at what is due, default 1 minute
 * @param quiet how long no file must have come for an hour or a finished day before all its small files are merged, default 10
 *     minutes
 * @param quietPast the same for hours before the last one, of which rows come when old data is imported; at most {@code quiet}, default 1 minute
 * @param minFiles files at which those of an hour are merged though more come, at least 2, default 8
 * @param maxFiles most files of one merge, at least 2, default 64
 * @param maxInput most bytes of one merge's files, unless two have more; default 2 GB
 * @param targetSize size of files that are large enough, default 256 MB
 * @param memory heap of all merges together; default an eighth of the maximum heap
 * @param parallelism merges at once, default 1
 * @param lease how long a server that dies keeps others from compacting, default 2 minutes
 * @param quarantine how long a file that cannot be read is left out before it is tried again, default 1 day
 * @param history how long runs are remembered, default 7 days
 * @param lastWins measurements, as {@code database/measurement} or {@code database/*}, of which only the last value of each field
 *     stays of rows of one series and time, where the catalog says nothing of them; default none: every row stays
 */
@ConfigurationProperties("weir.compaction")
public record CompactionSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("1m") Duration interval,
        @DefaultValue("10m") Duration quiet,
        @DefaultValue("1m") Duration quietPast,
        @DefaultValue("8") int minFiles,
        @DefaultValue("64") int maxFiles,
        @DefaultValue("2GB") DataSize maxInput,
        @DefaultValue("256MB") DataSize targetSize,
        @Nullable DataSize memory,
        @DefaultValue("1") int parallelism,
        @DefaultValue("2m") Duration lease,
        @DefaultValue("1d") Duration quarantine,
        @DefaultValue("7d") Duration history,
        @DefaultValue Set<String> lastWins) {

    private static final int HEAP_SHARE = 8;
    private static final int MOST_FILES = 1000;
    private static final int MOST_AT_ONCE = 64;
    private static final int LEAST_LEASE_MILLIS = 300;

    public CompactionSettings {
        lastWins = Set.copyOf(lastWins);
        require(isPositive(interval), "interval", interval, "more than 0");
        require(!quiet.isNegative(), "quiet", quiet, "0 or more");
        require(!quietPast.isNegative(), "quiet-past", quietPast, "0 or more");
        require(minFiles >= 2, "min-files", minFiles, "2 or more");
        require(maxFiles >= 2 && maxFiles <= MOST_FILES, "max-files", maxFiles, "2 to " + MOST_FILES);
        require(maxInput.toBytes() > 0, "max-input", maxInput, "more than 0");
        require(targetSize.toBytes() > 0, "target-size", targetSize, "more than 0");
        require(memory == null || memory.toBytes() > 0, "memory", memory, "more than 0");
        require(parallelism >= 1 && parallelism <= MOST_AT_ONCE, "parallelism", parallelism, "1 to " + MOST_AT_ONCE);
        require(lease.toMillis() >= LEAST_LEASE_MILLIS, "lease", lease, "300 ms or more");
        require(isPositive(quarantine), "quarantine", quarantine, "more than 0");
        require(isPositive(history), "history", history, "more than 0");
        for (String name : lastWins) {
            require(
                    name.indexOf('/') > 0 && !name.endsWith("/"),
                    "last-wins",
                    name,
                    "database/measurement or database/*");
        }
    }

    /** Heap that one merge may use for row groups. */
    public long memoryOfAMerge() {
        long all = memory == null ? Runtime.getRuntime().maxMemory() / HEAP_SHARE : memory.toBytes();
        return all / parallelism;
    }

    /** Since when nothing must have come, now, for what is to be compacted. */
    QuietTimes quietTimes(Instant now) {
        return QuietTimes.at(now, quiet, quietPast);
    }

    /** What becomes of rows of one series and time in a measurement of which the catalog says that, or nothing. */
    public Duplicates duplicates(TableId table, Optional<Dedup> said) {
        return switch (said.orElseGet(() -> Dedup.asSet(lastWins, table))) {
            case LAST -> Duplicates.LAST_WINS;
            case APPEND -> Duplicates.KEPT;
        };
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void require(boolean condition, String key, @Nullable Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(
                    "weir.compaction." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
