package io.weir.ingest;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.common.observe.StageTimer;

/** How long the stages of writing take, as histograms, but for those of the log, which has its own. Thread-safe. */
public final class IngestStages implements MeterBinder {

    private final StageTimer decode =
            new StageTimer("weir.ingest.decode", "decompressing and decoding a body, without waiting for its client");
    private final StageTimer flushed =
            new StageTimer("weir.flush", "making files of a part and committing them, each attempt", "outcome", "ok");
    private final StageTimer notFlushed = new StageTimer(
            "weir.flush", "making files of a part and committing them, each attempt", "outcome", "failed");

    IngestStages() {}

    @Override
    public void bindTo(MeterRegistry registry) {
        decode.bindTo(registry);
        flushed.bindTo(registry);
        notFlushed.bindTo(registry);
    }

    /** A body was decoded, or given up, after that much work. */
    public void decoded(long nanos) {
        decode.record(nanos);
    }

    void flushEnded(boolean ok, long startNanos) {
        (ok ? flushed : notFlushed).recordSince(startNanos);
    }
}
