package io.weir.query.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.common.observe.StageTimer;
import io.weir.common.observe.TraceScope;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/** How long the stages of queries take, as histograms. Thread-safe. */
public final class QueryStages implements MeterBinder {

    /** The stages, in their order. */
    enum Stage {
        /** Until a session was free, or nobody waited any longer. */
        WAIT,
        /** The plan, from the engine's parser or from memory. */
        PARSE,
        /** Names, schemas, files and hot rows of all measurements. */
        SNAPSHOT,
        /** Views of these in the session. */
        BIND,
        /** From there to the first bytes of the result, or its end. */
        EXECUTE
    }

    private final Map<Stage, StageTimer> timers = new EnumMap<>(Stage.class);

    QueryStages() {
        for (Stage stage : Stage.values()) {
            timers.put(
                    stage,
                    new StageTimer(
                            "weir.query.stage",
                            "stages of queries",
                            "stage",
                            stage.name().toLowerCase(Locale.ROOT)));
        }
    }

    void record(Stage stage, long startNanos) {
        Objects.requireNonNull(timers.get(stage)).recordSince(startNanos);
    }

    /** Work whose end, however it ends, is that of the stage. */
    <T> Mono<T> timed(Stage stage, Mono<T> work) {
        return Mono.deferContextual(context -> {
            TraceScope trace = TraceScope.of(context);
            long start = System.nanoTime();
            return work.doFinally(signal -> end(stage, start, trace, signal == SignalType.ON_COMPLETE));
        });
    }

    /** A stream whose first element, or end without any, is that of the stage. */
    <T> Flux<T> toFirst(Stage stage, Flux<T> work) {
        return Flux.deferContextual(context -> {
            TraceScope trace = TraceScope.of(context);
            long start = System.nanoTime();
            AtomicBoolean over = new AtomicBoolean();
            Consumer<Boolean> end = ok -> {
                if (over.compareAndSet(false, true)) {
                    end(stage, start, trace, ok);
                }
            };
            return work.doOnNext(first -> end.accept(true))
                    .doFinally(signal -> end.accept(signal == SignalType.ON_COMPLETE));
        });
    }

    private void end(Stage stage, long startNanos, @Nullable TraceScope trace, boolean ok) {
        record(stage, startNanos);
        if (trace != null) {
            trace.ended("query " + stage.name().toLowerCase(Locale.ROOT), startNanos, ok);
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        timers.values().forEach(timer -> timer.bindTo(registry));
    }
}
