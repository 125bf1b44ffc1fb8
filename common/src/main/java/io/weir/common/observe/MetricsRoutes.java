package io.weir.common.observe;

import io.weir.common.http.Access;
import io.weir.common.http.MethodGuard;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * {@code GET /metrics} in the Prometheus text format, version 0.0.4. What is asked for a number may hold a lock for a
 * moment, so they are read on a thread that may wait.
 */
final class MetricsRoutes {

    private static final MediaType TEXT = MediaType.parseMediaType("text/plain;version=0.0.4;charset=utf-8");

    private final WatchedMeterRegistry registry;
    private final Scheduler reader;
    private final Access access;

    /**
     * Routes over that registry.
     *
     * @param reader where numbers are read
     * @param access who may read them
     */
    MetricsRoutes(WatchedMeterRegistry registry, Scheduler reader, Access access) {
        this.access = access;
        this.registry = registry;
        this.reader = reader;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/metrics", access.to(this::scrape))
                .add(MethodGuard.of(List.of("GET", "HEAD"), "/metrics"))
                .build();
    }

    private Mono<ServerResponse> scrape(ServerRequest request) {
        return Mono.fromCallable(registry::collect)
                .subscribeOn(reader)
                .flatMap(text -> ServerResponse.ok().contentType(TEXT).bodyValue(text));
    }
}
