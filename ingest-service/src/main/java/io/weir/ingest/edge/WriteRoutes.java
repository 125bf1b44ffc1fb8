package io.weir.ingest.edge;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.Access;
import io.weir.common.http.GuardedHandler;
import io.weir.common.http.MethodGuard;
import io.weir.ingest.IngestError;
import io.weir.ingest.IngestService;
import io.weir.ingest.IngestSettings;
import io.weir.ingest.buffer.Unflushed;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The routes rows come in by, and those agents ask before they send rows. */
public final class WriteRoutes {

    private final WriteHandler writes;
    private final Handshake handshake;
    private final IngestService ingest;
    private final Duration flushWait;

    /**
     * Routes in front of that service.
     *
     * @param decode where bodies are decoded
     */
    public WriteRoutes(
            IngestService ingest, Handshake handshake, IngestSettings settings, Scheduler decode, Clock clock) {
        this.writes = new WriteHandler(ingest, settings, decode, clock);
        this.handshake = handshake;
        this.ingest = ingest;
        this.flushWait = settings.flushWait();
    }

    /** All routes. */
    public RouterFunction<ServerResponse> routes() {
        InfluxV1Dialect v1 = new InfluxV1Dialect();
        InfluxV2Dialect v2 = new InfluxV2Dialect();
        InfluxV3Dialect v3 = new InfluxV3Dialect();
        WeirDialect weir = new WeirDialect(IngestError.INVALID_LINE_PROTOCOL);
        WeirDialect ndjson = new WeirDialect(IngestError.INVALID_NDJSON);
        return RouterFunctions.route()
                .POST("/write", write(v1, WriteFormat.LINE_PROTOCOL))
                .POST("/api/v2/write", write(v2, WriteFormat.LINE_PROTOCOL))
                .POST("/api/v3/write_lp", write(v3, WriteFormat.LINE_PROTOCOL))
                .POST("/api/v1/write/line-protocol", write(weir, WriteFormat.LINE_PROTOCOL))
                .POST("/api/v1/write/msgpack", write(weir, WriteFormat.MESSAGE_PACK))
                .POST("/api/v1/write/arrow", write(weir, WriteFormat.ARROW))
                .POST("/api/v1/write/ndjson", write(ndjson, WriteFormat.NDJSON))
                .POST("/api/v1/flush", Access.WRITE.to(this::flush))
                .GET("/ping", Access.PUBLIC.to(handshake::ping))
                .HEAD("/ping", Access.PUBLIC.to(handshake::ping))
                .GET("/query", handshake.guardedQuery())
                .POST("/query", handshake.guardedQuery())
                .add(MethodGuard.of(
                        List.of("POST"),
                        "/write",
                        "/api/v2/write",
                        "/api/v3/write_lp",
                        "/api/v1/write/line-protocol",
                        "/api/v1/write/msgpack",
                        "/api/v1/write/arrow",
                        "/api/v1/write/ndjson",
                        "/api/v1/flush"))
                .add(MethodGuard.of(List.of("GET", "HEAD"), "/ping"))
                .add(MethodGuard.of(List.of("GET", "POST"), "/query"))
                .build();
    }

    private GuardedHandler write(Dialect dialect, WriteFormat format) {
        return Access.WRITE.to(
                request -> writes.handle(request, dialect, format),
                (failure, request) -> writes.answerFailure(failure, request, dialect));
    }

    private Mono<ServerResponse> flush(ServerRequest request) {
        return ingest.flush()
                .timeout(flushWait, Mono.error(this::notFlushed))
                .then(ServerResponse.noContent().build());
    }

    private WeirException notFlushed() {
        Unflushed left = ingest.unflushed();
        return new WeirException(
                CommonError.STORAGE_UNAVAILABLE,
                "not everything is in files after " + flushWait.toMillis() + " ms: " + left.rows()
                        + " rows are not, measurements " + left.measurements()
                        + "; they are safe in the write-ahead log and can be queried, and flushing goes on",
                Map.of("unflushed_rows", left.rows(), "unflushed_measurements", left.measurements()));
    }
}
