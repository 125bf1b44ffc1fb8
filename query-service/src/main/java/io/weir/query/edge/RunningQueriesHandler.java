package io.weir.query.edge;

import io.weir.common.error.WeirException;
import io.weir.common.http.RequestContext;
import io.weir.query.QueryError;
import io.weir.query.engine.RunningQueries;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Answers {@code /api/v1/queries}: the queries a caller may see, and the end of one. Thread-safe. */
final class RunningQueriesHandler {

    private final RunningQueries running;

    RunningQueriesHandler(RunningQueries running) {
        this.running = running;
    }

    Mono<ServerResponse> list(ServerRequest request) {
        return ServerResponse.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(Map.of(
                        "queries",
                        running.of(RequestContext.principal(request)).stream()
                                .map(RunningQueriesHandler::json)
                                .toList()));
    }

    private static Map<String, Object> json(RunningQueries.RunningQuery query) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", query.id());
        json.put("database", query.database());
        json.put("sql", query.sql());
        json.put("started", query.started().toString());
        json.put("elapsed_ms", query.elapsed().toMillis());
        json.put("rows", query.rows());
        return json;
    }

    Mono<ServerResponse> cancel(ServerRequest request) {
        String id = request.pathVariable("id");
        if (running.cancel(RequestContext.principal(request), id)) {
            return ServerResponse.noContent().build();
        }
        return Mono.error(new WeirException(
                QueryError.QUERY_NOT_FOUND, "no query " + id + " runs or waits", Map.of("query_id", id)));
    }
}
