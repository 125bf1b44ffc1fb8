package io.weir.ingest.rewrite;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** What rewriting does, in numbers. Thread-safe. */
final class RewriteMetrics {

    private final Counter unchanged;
    private final Counter rewritten;
    private final Counter removed;
    private final Counter failed;
    private final Counter rows;
    private final AtomicLong failing = new AtomicLong();

    RewriteMetrics(MeterRegistry registry) {
        this.unchanged = files(registry, "unchanged");
        this.rewritten = files(registry, "rewritten");
        this.removed = files(registry, "removed");
        this.failed = files(registry, "failed");
        this.rows = Counter.builder("weir.deletes.rows")
                .description("Deleted rows that are in no file any more")
                .register(registry);
        Gauge.builder("weir.deletes.failing", failing, AtomicLong::doubleValue)
                .description("Files with deleted rows that could not be rewritten")
                .register(registry);
    }

    private static Counter files(MeterRegistry registry, String outcome) {
        return Counter.builder("weir.deletes.files")
                .description("Files with deleted rows that were looked at")
                .tag("outcome", outcome)
                .register(registry);
    }

    void done(RewriteOutcome outcome) {
        rows.increment((double) outcome.removedRows());
        (outcome.file() == null ? removed : outcome.removedRows() == 0 ? unchanged : rewritten).increment();
    }

    void failed() {
        failed.increment();
    }

    void failing(long files) {
        failing.set(files);
    }
}
