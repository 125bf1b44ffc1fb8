package io.weir.common.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.weir.common.observe.TraceScope;
import java.util.concurrent.TimeUnit;

/** The stages of one request as spans below its own, each made when it has ended. Thread-safe. */
final class SpanScope implements TraceScope {

    private final Tracer tracer;
    private final Context request;

    SpanScope(Tracer tracer, Context request) {
        this.tracer = tracer;
        this.request = request;
    }

    @Override
    public void ended(String name, long startNanos, boolean ok) {
        long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        Span span = tracer.spanBuilder(name)
                .setParent(request)
                .setStartTimestamp(now - (System.nanoTime() - startNanos), TimeUnit.NANOSECONDS)
                .startSpan();
        if (!ok) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end(now, TimeUnit.NANOSECONDS);
    }
}
