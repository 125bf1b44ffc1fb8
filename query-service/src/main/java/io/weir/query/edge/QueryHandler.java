package io.weir.query.edge;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.RequestContext;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Names;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryProperties;
import io.weir.query.engine.QueryRunner;
import io.weir.query.engine.RunningQueries;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Answers {@code /api/v1/query}: reads the request, runs the query, streams the result. Thread-safe. */
final class QueryHandler {

    static final String QUERY_ID = "Weir-Query-Id";

    private final QueryRunner runner;
    private final RunningQueries running;
    private final QueryProperties properties;

    QueryHandler(QueryRunner runner, RunningQueries running, QueryProperties properties) {
        this.runner = runner;
        this.running = running;
        this.properties = properties;
    }

    Mono<ServerResponse> post(ServerRequest request) {
        return command(request).flatMap(command -> answer(request, command));
    }

    /** What a query would read, without running it. */
    Mono<ServerResponse> estimate(ServerRequest request) {
        return command(request)
                .flatMap(command -> runner.estimate(query(request, command)))
                .flatMap(sizes -> ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .bodyValue(EstimateJson.of(sizes)));
    }

    private Mono<QueryCommand> command(ServerRequest request) {
        int limit = Math.toIntExact(properties.maxBody().toBytes());
        return DataBufferUtils.join(request.body(BodyExtractors.toDataBuffers()), limit)
                .onErrorMap(
                        DataBufferLimitException.class,
                        e -> new WeirException(
                                CommonError.BODY_TOO_LARGE, "a query request has at most " + limit + " bytes"))
                .map(QueryHandler::bytes)
                .defaultIfEmpty(new byte[0])
                .map(QueryCommandReader::ofBody);
    }

    Mono<ServerResponse> get(ServerRequest request) {
        return Mono.fromSupplier(() -> QueryCommandReader.ofQuery(request))
                .flatMap(command -> answer(request, command));
    }

    private static byte[] bytes(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return bytes;
    }

    private Mono<ServerResponse> answer(ServerRequest request, QueryCommand command) {
        ResultFormat format = command.format() != null
                ? command.format()
                : ResultFormat.accepted(request.headers().accept());
        long wanted = command.maxRows() == null ? Long.MAX_VALUE : command.maxRows();
        RowLimit limit = new RowLimit(wanted, properties.allowedRows());
        Query query = query(request, command);
        String id = newQueryId();
        Flux<byte[]> result =
                running.track(id, query, limit::rows, runner.run(query, format.encoder(limit, System.nanoTime())));
        ResultStreamBody body = new ResultStreamBody(result, format, RequestContext.requestId(request));
        return ServerResponse.ok()
                .contentType(format.mediaType())
                .header(QUERY_ID, id)
                .build((exchange, context) -> body.writeTo(exchange.getResponse()));
    }

    /** An id to find the query by, not a secret: a secure random number would read a device on an event loop. */
    private static String newQueryId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return HexFormat.of().toHexDigits(random.nextLong()) + HexFormat.of().toHexDigits(random.nextLong());
    }

    private Query query(ServerRequest request, QueryCommand command) {
        String database = command.database() != null
                ? command.database()
                : RequestContext.database(request, "db").orElse(Names.DEFAULT_DATABASE);
        DatabaseId id = new DatabaseId(RequestContext.principal(request).organisation(), database);
        Duration timeout = command.timeout() == null ? properties.timeout() : command.timeout();
        Duration longest = properties.maxTimeout();
        return new Query(id, command.sql(), command.parameters(), timeout.compareTo(longest) > 0 ? longest : timeout);
    }
}
