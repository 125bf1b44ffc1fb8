package io.weir.ingest.retention;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counters of retention. */
final class RetentionMetrics {

    private final Counter dropping;
    private final Counter idle;
    private final Counter failing;
    private final Counter files;
    private final Counter rows;
    private final Counter bytes;
    private final Counter boundaryFiles;
    private final Counter boundaryRows;

    RetentionMetrics(MeterRegistry registry) {
        this.dropping = runs(registry, "dropped");
        this.idle = runs(registry, "nothing");
        this.failing = runs(registry, "failed");
        this.files = Counter.builder("weir.retention.files").register(registry);
        this.rows = Counter.builder("weir.retention.rows").register(registry);
        this.bytes = Counter.builder("weir.retention.bytes").register(registry);
        this.boundaryFiles = Counter.builder("weir.retention.boundary.files").register(registry);
        this.boundaryRows = Counter.builder("weir.retention.boundary.rows").register(registry);
    }

    private static Counter runs(MeterRegistry registry, String outcome) {
        return Counter.builder("weir.retention.runs").tag("outcome", outcome).register(registry);
    }

    void ran(PolicyRun.Outcome outcome) {
        Dropped dropped = outcome.dropped();
        (outcome.failure() != null ? failing : dropped.isNothing() ? idle : dropping).increment();
        files.increment((double) dropped.files());
        rows.increment((double) dropped.rows());
        bytes.increment((double) dropped.bytes());
        boundaryFiles.increment((double) dropped.boundaryFiles());
        boundaryRows.increment((double) dropped.boundaryRows());
    }
}
