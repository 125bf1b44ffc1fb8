package io.weir.query.edge;

import io.weir.common.http.BodyBytes;
import io.weir.common.http.RequestContext;
import io.weir.common.model.Names;
import io.weir.common.model.RandomIds;
import io.weir.query.cache.AnswerSource;
import io.weir.query.cache.CacheRequest;
import io.weir.query.cache.QueryCache;
import io.weir.query.cursor.PagedQuery;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryProperties;
import io.weir.query.engine.QueryRunner;
import io.weir.query.engine.RunningQueries;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.snapshot.Freshness;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Answers {@code /api/v1/query} and its shortcuts: reads the request, runs the query, streams the result. Thread-safe. */
final class QueryHandler {

    private final QueryRunner runner;
    private final QueryCache cache;
    private final PageHandler pages;
    private final RunningQueries running;
    private final QueryProperties properties;

    QueryHandler(
            QueryRunner runner,
            QueryCache cache,
            PageHandler pages,
            RunningQueries running,
            QueryProperties properties) {
        this.runner = runner;
        this.cache = cache;
        this.pages = pages;
        this.running = running;
        this.properties = properties;
    }

    Mono<ServerResponse> post(ServerRequest request) {
        return post(request, null);
    }

    /** A query in the body, answered in that format; in the one the request names where it is null. */
    Mono<ServerResponse> post(ServerRequest request, @Nullable ResultFormat format) {
        return body(request).map(body -> QueryCommandReader.object(body, "sql")).flatMap(root -> {
            String cursor = QueryCommandReader.cursor(root);
            if (cursor != null) {
                return pages.next(request, cursor, format);
            }
            QueryCommand command = QueryCommandReader.of(root);
            return answer(request, command, format(request, command, format));
        });
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
        return body(request).map(QueryCommandReader::ofBody);
    }

    /** The body of a query request; empty when there is none. */
    Mono<byte[]> body(ServerRequest request) {
        return body(request, properties);
    }

    /** The same, where there are only the bounds of queries. */
    static Mono<byte[]> body(ServerRequest request, QueryProperties properties) {
        return BodyBytes.of(request, Math.toIntExact(properties.maxBody().toBytes()), "a query request");
    }

    Mono<ServerResponse> get(ServerRequest request) {
        return get(request, null);
    }

    /** A query in the query parameters, answered in that format; in the one the request names where it is null. */
    Mono<ServerResponse> get(ServerRequest request, @Nullable ResultFormat format) {
        return Mono.defer(() -> {
            String cursor = request.queryParam("cursor").orElse(null);
            if (cursor != null) {
                return pages.next(request, cursor, format);
            }
            QueryCommand command = QueryCommandReader.ofQuery(request);
            return answer(request, command, format(request, command, format));
        });
    }

    private static ResultFormat format(ServerRequest request, QueryCommand command, @Nullable ResultFormat ofRoute) {
        if (ofRoute != null) {
            return ofRoute;
        }
        return command.format() != null
                ? command.format()
                : ResultFormat.accepted(request.headers().accept());
    }

    private Mono<ServerResponse> answer(ServerRequest request, QueryCommand command, ResultFormat format) {
        return answer(request, command, format, format.mediaType());
    }

    /** Runs a query and streams its result in that format, declared as that type. */
    Mono<ServerResponse> answer(ServerRequest request, QueryCommand command, ResultFormat format, MediaType mediaType) {
        long wanted = command.maxRows() == null ? Long.MAX_VALUE : command.maxRows();
        NumberForm numbers = request.queryParam("numbers").map(NumberForm::of).orElse(command.numbers());
        if (command.pageRows() != null) {
            return pages.open(
                    request,
                    RandomIds.next(),
                    new PagedQuery(
                            query(request, command),
                            format,
                            numbers,
                            pages.requireAllowed(command.pageRows()),
                            wanted,
                            properties.allowedRows()));
        }
        RowLimit limit = new RowLimit(wanted, properties.allowedRows(), 0, properties.allowedBytes());
        AnswerSource source = new AnswerSource();
        ResultAnswer answer = new ResultAnswer(request, format, limit, numbers, properties.compress(), source);
        Query query = query(request, command);
        boolean bypass = isToBeRun(request);
        String id = RandomIds.next();
        return answer.of(mediaType, id, (reader, compression, compressor) -> {
            CacheRequest question =
                    new CacheRequest(query, format, numbers, compression, limit, reader, compressor, bypass);
            return running.track(id, query, () -> source.rows(limit), cache.answer(question, source));
        });
    }

    /** Whether the client wants the query run, whatever is kept. */
    private static boolean isToBeRun(ServerRequest request) {
        return request.headers().header(HttpHeaders.CACHE_CONTROL).stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(directive -> directive.trim().toLowerCase(Locale.ROOT))
                .anyMatch(directive -> directive.equals("no-cache") || directive.equals("no-store"));
    }

    private Query query(ServerRequest request, QueryCommand command) {
        String database = command.database() != null
                ? command.database()
                : RequestContext.database(request, "db").orElse(Names.DEFAULT_DATABASE);
        Duration timeout = command.timeout() == null ? properties.timeout() : command.timeout();
        Duration longest = properties.maxTimeout();
        return new Query(
                RequestContext.principal(request),
                database,
                command.sql(),
                command.parameters(),
                timeout.compareTo(longest) > 0 ? longest : timeout,
                freshness(request, command.freshness() == null ? properties.freshness() : command.freshness()));
    }

    /** The freshness that the request's query parameter names, else that one. */
    static Freshness freshness(ServerRequest request, Freshness otherwise) {
        return request.queryParam("freshness").map(Freshness::of).orElse(otherwise);
    }
}
