package io.weir.ingest.compaction;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.weir.ingest.compaction.run.MergeOutcome;
import io.weir.storage.catalog.DataFile;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Compaction in numbers; names and meanings are in {@code docs/tuning.md}. Thread-safe. */
final class CompactionMetrics {

    private final Counter merged;
    private final Counter failed;
    private final Counter files;
    private final Counter rows;
    private final Counter bytesRead;
    private final Counter bytesWritten;
    private final AtomicLong queued = new AtomicLong();
    private final AtomicLong quarantined = new AtomicLong();
    private final Map<String, RunningMerge> running = new ConcurrentHashMap<>();

    CompactionMetrics(MeterRegistry registry) {
        merged =
                Counter.builder("weir.compaction.runs").tag("outcome", "merged").register(registry);
        failed =
                Counter.builder("weir.compaction.runs").tag("outcome", "failed").register(registry);
        files = Counter.builder("weir.compaction.files").register(registry);
        rows = Counter.builder("weir.compaction.rows").register(registry);
        bytesRead = bytes("read", registry);
        bytesWritten = bytes("written", registry);
        Gauge.builder("weir.compaction.queued", queued::get).register(registry);
        Gauge.builder("weir.compaction.quarantined", quarantined::get).register(registry);
        Gauge.builder("weir.compaction.running", running::size).register(registry);
    }

    private static Counter bytes(String direction, MeterRegistry registry) {
        return Counter.builder("weir.compaction.bytes")
                .tag("direction", direction)
                .baseUnit("bytes")
                .register(registry);
    }

    /** Merges under way, by id. */
    Map<String, RunningMerge> running() {
        return running;
    }

    void merged(MergeOutcome outcome) {
        merged.increment();
        files.increment(outcome.inputs().size());
        rows.increment((double) outcome.output().rows());
        bytesRead.increment((double)
                outcome.inputs().stream().mapToLong(DataFile::sizeBytes).sum());
        bytesWritten.increment((double) outcome.output().sizeBytes());
    }

    void failed() {
        failed.increment();
    }

    void queued(long partitions) {
        queued.set(partitions);
    }

    void quarantined(long count) {
        quarantined.set(count);
    }

    /** Files that are kept out, as of the last cycle. */
    long quarantined() {
        return quarantined.get();
    }
}
