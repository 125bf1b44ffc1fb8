package io.weir.ingest.edge;

import io.weir.common.http.Problem;
import io.weir.ingest.WriteOutcome;
import io.weir.ingest.decode.LineError;
import io.weir.ingest.decode.Precision;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** InfluxDB 1: {@code POST /write}. Good lines are stored; errors are {@code {"error": "…"}} and a header of the same text. */
final class InfluxV1Dialect implements Dialect {

    static final String ERROR_HEADER = "X-Influxdb-Error";

    @Override
    public String databaseParameter() {
        return "db";
    }

    @Override
    public Precision precision(ServerRequest request) {
        return Precision.ofV1(request.queryParam("precision").orElse(null));
    }

    @Override
    public boolean acceptsPartial(ServerRequest request) {
        return true;
    }

    @Override
    public Mono<ServerResponse> answerRejected(WriteOutcome outcome, ServerRequest request) {
        LineError first = outcome.errors().get(0);
        String text = "partial write: " + first.message() + " dropped=" + outcome.rejectedRows();
        return body(ServerResponse.badRequest(), text);
    }

    @Override
    public Mono<ServerResponse> answerProblem(Problem problem) {
        return body(Dialect.answer(problem), problem.detail());
    }

    private static Mono<ServerResponse> body(ServerResponse.BodyBuilder answer, String text) {
        return answer.header(ERROR_HEADER, HeaderText.of(text))
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(Map.of("error", text));
    }
}
