package io.weir.ingest.edge;

import io.weir.common.http.Problem;
import io.weir.ingest.WriteOutcome;
import io.weir.ingest.decode.LineError;
import io.weir.ingest.decode.Precision;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** InfluxDB 2: {@code POST /api/v2/write}. A bad line refuses the body; errors are {@code {"code", "message", "line"}}. */
final class InfluxV2Dialect implements Dialect {

    @Override
    public String databaseParameter() {
        return "bucket";
    }

    @Override
    public Precision precision(ServerRequest request) {
        return Precision.ofV2(request.queryParam("precision").orElse(null));
    }

    @Override
    public boolean acceptsPartial(ServerRequest request) {
        return false;
    }

    @Override
    public Mono<ServerResponse> answerRejected(WriteOutcome outcome, ServerRequest request) {
        LineError first = outcome.errors().get(0);
        boolean conflict = first.kind() == LineError.Kind.TYPE_CONFLICT;
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("code", conflict ? "unprocessable entity" : "invalid");
        body.put("message", first.message() + "; nothing of the body was stored");
        body.put("line", first.lineNumber());
        return ServerResponse.status(conflict ? HttpStatus.UNPROCESSABLE_CONTENT : HttpStatus.BAD_REQUEST)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(body);
    }

    @Override
    public Mono<ServerResponse> answerProblem(Problem problem) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("code", codeOf(problem.status()));
        body.put("message", problem.detail());
        return Dialect.answer(problem).contentType(MediaType.APPLICATION_JSON).bodyValue(body);
    }

    private static String codeOf(int status) {
        return switch (status) {
            case 401 -> "unauthorized";
            case 403 -> "forbidden";
            case 404 -> "not found";
            case 413 -> "request too large";
            case 422 -> "unprocessable entity";
            case 429 -> "too many requests";
            case 503 -> "unavailable";
            default -> status < 500 ? "invalid" : "internal error";
        };
    }
}
