package io.weir.common.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.weir.common.http.RequestContext;
import io.weir.common.observe.TraceScope;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/** A span for every request that is sampled, under that of its caller when it sent a {@code traceparent}. */
final class TraceFilter implements WebFilter {

    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> REQUEST = AttributeKey.stringKey("weir.request_id");
    private static final int FIRST_SERVER_ERROR = 500;

    private final Tracer tracer;

    TraceFilter(Tracer tracer) {
        this.tracer = tracer;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        return Mono.defer(() -> {
            Context caller = W3CTraceContextPropagator.getInstance()
                    .extract(Context.root(), exchange.getRequest().getHeaders(), Headers.GETTER);
            String method = exchange.getRequest().getMethod().name();
            Span span = tracer.spanBuilder(method)
                    .setSpanKind(SpanKind.SERVER)
                    .setParent(caller)
                    .setAttribute(METHOD, method)
                    .setAttribute(REQUEST, RequestContext.requestId(exchange))
                    .startSpan();
            Mono<Void> handled = chain.filter(exchange);
            if (!span.getSpanContext().isSampled()) {
                return handled;
            }
            TraceScope scope = new SpanScope(tracer, caller.with(span));
            return handled.doOnError(span::recordException)
                    .doFinally(signal -> end(span, method, exchange, signal))
                    .contextWrite(context -> context.put(TraceScope.KEY, scope));
        });
    }

    private static void end(Span span, String method, ServerWebExchange exchange, SignalType signal) {
        PathPattern pattern = exchange.getAttribute(RouterFunctions.MATCHING_PATTERN_ATTRIBUTE);
        if (pattern != null) {
            span.updateName(method + " " + pattern.getPatternString());
            span.setAttribute(ROUTE, pattern.getPatternString());
        }
        HttpStatusCode status = exchange.getResponse().getStatusCode();
        if (status != null) {
            span.setAttribute(STATUS, (long) status.value());
        }
        boolean failed = status != null && status.value() >= FIRST_SERVER_ERROR;
        if (failed || signal == SignalType.ON_ERROR) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end();
    }

    private enum Headers implements TextMapGetter<HttpHeaders> {
        GETTER;

        @Override
        public Iterable<String> keys(HttpHeaders headers) {
            return headers.headerNames();
        }

        @Override
        public @Nullable String get(@Nullable HttpHeaders headers, String name) {
            return headers == null ? null : headers.getFirst(name);
        }
    }
}
