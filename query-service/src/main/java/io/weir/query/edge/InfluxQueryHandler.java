package io.weir.query.edge;

import io.weir.common.http.Problem;
import io.weir.common.http.RequestContext;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * Answers InfluxDB 3's {@code /api/v3/query_sql}: {@code db}, {@code q}, {@code params} and {@code format}, in the query
 * parameters or in a JSON body. Failures are {@code {"error": "…"}}. Thread-safe.
 */
final class InfluxQueryHandler {

    static final String ROUTE = "/api/v3/query_sql";

    private static final MediaType JSON_LINES = MediaType.valueOf("application/jsonl");

    private final QueryHandler queries;

    InfluxQueryHandler(QueryHandler queries) {
        this.queries = queries;
    }

    Mono<ServerResponse> post(ServerRequest request) {
        RequestContext.answerProblemsAs(request, InfluxQueryHandler::error);
        return queries.body(request)
                .map(body -> QueryCommandReader.object(body, "q"))
                .flatMap(root -> answer(
                        request,
                        QueryCommandReader.text(root, "q"),
                        QueryCommandReader.text(root, "db"),
                        root.path("params"),
                        QueryCommandReader.text(root, "format")));
    }

    Mono<ServerResponse> get(ServerRequest request) {
        RequestContext.answerProblemsAs(request, InfluxQueryHandler::error);
        return Mono.defer(() -> {
            String params = request.queryParam("params").orElse("null");
            return answer(
                    request,
                    request.queryParam("q").orElse(null),
                    request.queryParam("db").orElse(null),
                    QueryCommandReader.tree(params.getBytes(StandardCharsets.UTF_8), "query parameter \"params\""),
                    request.queryParam("format").orElse(null));
        });
    }

    /** Answers those who may not query. */
    static Mono<ServerResponse> refused(Throwable failure, ServerRequest request) {
        RequestContext.answerProblemsAs(request, InfluxQueryHandler::error);
        return Mono.error(failure);
    }

    private static Map<String, Object> error(Problem problem) {
        return Map.of("error", problem.detail());
    }

    private Mono<ServerResponse> answer(
            ServerRequest request,
            @Nullable String sql,
            @Nullable String database,
            JsonNode params,
            @Nullable String format) {
        if (sql == null || sql.isBlank()) {
            throw QueryCommandReader.invalid("\"q\" is missing or empty");
        }
        QueryParameters parameters = QueryCommandReader.parameters(params);
        ResultFormat chosen = format == null ? accepted(request) : named(format);
        QueryCommand command =
                new QueryCommand(sql, database, parameters, chosen, null, NumberForm.NUMBER, null, null, null);
        return queries.answer(
                request, command, chosen, chosen == ResultFormat.NDJSON ? JSON_LINES : chosen.mediaType());
    }

    private static ResultFormat named(String format) {
        return switch (format.toLowerCase(Locale.ROOT)) {
            case "json" -> ResultFormat.JSON_ROWS;
            case "jsonl" -> ResultFormat.NDJSON;
            case "csv" -> ResultFormat.CSV;
            case "parquet" -> ResultFormat.PARQUET;
            default -> throw ResultFormat.unsupported(format, List.of("json", "jsonl", "csv", "parquet"));
        };
    }

    private static ResultFormat accepted(ServerRequest request) {
        ResultFormat accepted = ResultFormat.accepted(request.headers().accept());
        return switch (accepted) {
            case NDJSON, CSV, PARQUET -> accepted;
            default -> ResultFormat.JSON_ROWS;
        };
    }
}
