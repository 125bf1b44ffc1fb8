package io.weir.ingest;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.common.memory.MemoryStage;
import io.weir.ingest.admission.Admission;
import io.weir.ingest.wal.WriteAheadLog;
import java.util.function.ToDoubleFunction;

/**
 * The write path in numbers: memory by stage with its limit and what was refused there, the log, and flushes. Everything
 * is read from the parts when it is asked for, so counting costs the write path nothing. Names and meanings are in
 * {@code docs/tuning.md}.
 */
final class IngestMetrics implements MeterBinder {

    private static final String USED = "weir.ingest.memory.used";
    private static final String LIMIT = "weir.ingest.memory.limit";
    private static final String REFUSED = "weir.ingest.refused";

    private final IngestService ingest;

    IngestMetrics(IngestService ingest) {
        this.ingest = ingest;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        ingest.stages().bindTo(registry);
        WriteAheadLog opened = ingest.log();
        if (opened != null) {
            opened.syncTimes().bindTo(registry);
            opened.appendTimes().bindTo(registry);
        }
        Admission admission = ingest.admission();
        bytes(registry, USED, "process", service -> admission.process().usedBytes());
        bytes(registry, USED, "decode", service -> admission.decode().usedBytes());
        bytes(registry, USED, "log", service -> admission.log().usedBytes());
        bytes(registry, USED, "series", service -> admission.series().usedBytes());
        bytes(registry, USED, "open", service -> service.buffers().openBytes());
        bytes(registry, USED, "sealed", service -> service.buffers().sealedBytes());
        bytes(registry, USED, "read", service -> service.buffers().readBytes());
        bytes(registry, LIMIT, "process", service -> admission.process().limitBytes());
        bytes(
                registry,
                LIMIT,
                "organisation",
                service -> admission.organisations().shareBytes());
        bytes(registry, LIMIT, "request", service -> admission.requestLimitBytes());
        bytes(registry, LIMIT, "log", service -> admission.logLimitBytes());
        bytes(registry, LIMIT, "buffer", service -> admission.bufferLimitBytes());
        refused(registry, admission.decode());
        refused(registry, admission.log());
        refused(registry, admission.buffer());
        gauge(
                registry,
                "weir.ingest.organisations",
                service -> admission.organisations().size());
        gauge(registry, "weir.flush.unfinished", service -> service.flusher().unfinished());
        count(registry, "weir.flush.failures", service -> service.flusher().failures());
        gauge(registry, "weir.wal.queue.appends", log(WriteAheadLog::queuedAppends));
        gauge(registry, "weir.wal.segments", log(WriteAheadLog::segments));
        gauge(registry, "weir.wal.disk.bytes", log(WriteAheadLog::bytesOnDisk));
        gauge(registry, "weir.wal.lag.bytes", log(WriteAheadLog::liveBytes));
        gauge(
                registry,
                "weir.wal.last.sync.seconds",
                log(open -> open.lastSync().toNanos() / 1e9));
        count(registry, "weir.wal.appends", log(WriteAheadLog::appends));
        count(registry, "weir.wal.batches", log(WriteAheadLog::batches));
        count(registry, "weir.wal.syncs", log(WriteAheadLog::syncs));
        count(registry, "weir.wal.failures", log(WriteAheadLog::failures));
    }

    private void bytes(MeterRegistry registry, String name, String stage, ToDoubleFunction<IngestService> value) {
        Gauge.builder(name, ingest, value).tag("stage", stage).baseUnit("bytes").register(registry);
    }

    private static void refused(MeterRegistry registry, MemoryStage stage) {
        FunctionCounter.builder(REFUSED, stage, MemoryStage::refusedCount)
                .tag("stage", stage.name())
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, ToDoubleFunction<IngestService> value) {
        Gauge.builder(name, ingest, value).register(registry);
    }

    private void count(MeterRegistry registry, String name, ToDoubleFunction<IngestService> value) {
        FunctionCounter.builder(name, ingest, value).register(registry);
    }

    /** 0 before the log is open. */
    private static ToDoubleFunction<IngestService> log(ToDoubleFunction<WriteAheadLog> value) {
        return service -> {
            WriteAheadLog log = service.log();
            return log == null ? 0 : value.applyAsDouble(log);
        };
    }
}
