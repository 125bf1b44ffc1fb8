package io.weir.ingest.edge;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.Problem;
import io.weir.common.model.Names;
import io.weir.ingest.WriteOutcome;
import io.weir.ingest.decode.LineError;
import io.weir.ingest.decode.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * InfluxDB 3: {@code POST /api/v3/write_lp}. Good lines are stored unless {@code accept_partial=false}; errors are {@code
 * {"error", "data": [{"line_number", "error_message", "original_line"}]}}.
 */
final class InfluxV3Dialect implements Dialect {

    @Override
    public String databaseParameter() {
        return "db";
    }

    @Override
    public Precision precision(ServerRequest request) {
        return Precision.ofV3(request.queryParam("precision").orElse(null));
    }

    @Override
    public boolean acceptsPartial(ServerRequest request) {
        return flag(request, "accept_partial", true);
    }

    @Override
    public boolean skipsSync(ServerRequest request) {
        return flag(request, "no_sync", false);
    }

    @Override
    public Mono<ServerResponse> answerRejected(WriteOutcome outcome, ServerRequest request) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put(
                "error",
                acceptsPartial(request)
                        ? "partial write of line protocol occurred"
                        : "parsing failed for write_lp endpoint");
        body.put("rejected", outcome.rejectedRows()); // the data describe the first of them only
        body.put("data", data(outcome));
        return ServerResponse.badRequest()
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(body);
    }

    @Override
    public Mono<ServerResponse> answerProblem(Problem problem) {
        return Dialect.answer(problem)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(Map.of("error", problem.detail()));
    }

    /** The described bad lines in this dialect's shape. */
    static List<Map<String, Object>> data(WriteOutcome outcome) {
        return outcome.errors().stream().map(InfluxV3Dialect::lineOf).toList();
    }

    private static Map<String, Object> lineOf(LineError error) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("line_number", error.lineNumber());
        line.put("error_message", error.message());
        line.put("original_line", error.originalLine());
        return line;
    }

    /** A boolean query parameter. Fails with {@code invalid-request} when it is neither true nor false. */
    static boolean flag(ServerRequest request, String name, boolean otherwise) {
        String text = request.queryParam(name).orElse("");
        return switch (text) {
            case "" -> otherwise;
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new WeirException(
                        CommonError.INVALID_REQUEST,
                        name + " \"" + Names.printable(text) + "\" is not known (expected: true or false)",
                        Map.of("parameter", name));
        };
    }
}
