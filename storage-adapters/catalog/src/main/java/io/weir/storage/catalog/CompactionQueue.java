package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Which partitions are to be compacted. Every commit of a flush queues the hours of its files, in its transaction; an hour
 * that is settled queues its day. So nothing is ever searched for, late files are found like others, and a crash forgets
 * nothing. Errors, durability and threads are those of {@link Catalog}.
 */
public interface CompactionQueue {

    /**
     * Partitions that are worth a look, found by indexes: first those that have been quiet longest, then those with the most changes.
     *
     * @param quiet those in which nothing came for long enough
     * @param changes and those with at least so many changes, whenever they came
     */
    Mono<List<QueuedPartition>> due(QuietTimes quiet, long changes, int atMost);

    /** All that is queued, those quiet longest first. */
    Mono<List<QueuedPartition>> queued(int atMost);

    /** How many partitions are queued. */
    Mono<Long> size();

    /**
     * Takes a partition off the queue, unless something came since it was read; then it stays. Of an hour, its day is queued,
     * quiet from its end on.
     */
    Mono<Void> settle(QueuedPartition seen);

    /** Keeps a partition, its changes counted from now on, and quiet from {@code from} on. */
    Mono<Void> postpone(QueuedPartition seen, Instant from, int failures);

    /** Keeps a file out of compaction. */
    Mono<Void> quarantine(TableId table, String objectKey, Instant until, String reason);

    /**
     * Keys of a measurement's files that are kept out of compaction now: those in quarantine, and those of windows that late
     * rows may still change. Read after the files, it misses none of the latter.
     */
    Mono<Set<String>> keptOut(TableId table);

    /** Files that are kept out of compaction now, the latest first. */
    Mono<List<QuarantinedFile>> quarantined(int atMost);

    /** Remembers a run. */
    Mono<Void> record(CompactionRun run);

    /** Runs, the latest first. */
    Mono<List<CompactionRun>> runs(int atMost);

    /** Forgets runs that ended before then, and files whose quarantine did. @return how many */
    Mono<Long> forget(Instant before);
}
