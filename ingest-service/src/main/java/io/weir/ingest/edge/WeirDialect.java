package io.weir.ingest.edge;

import io.weir.common.http.Problem;
import io.weir.common.http.RequestContext;
import io.weir.ingest.IngestError;
import io.weir.ingest.WriteOutcome;
import io.weir.ingest.decode.Precision;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Weir's own routes: parameters as version 3 has them, errors as problem documents. */
final class WeirDialect implements Dialect {

    private final InfluxV3Dialect parameters = new InfluxV3Dialect();
    private final IngestError refused;

    /** A dialect that calls a body refused for a bad line {@code refused}. */
    WeirDialect(IngestError refused) {
        this.refused = refused;
    }

    @Override
    public String databaseParameter() {
        return "db";
    }

    @Override
    public Precision precision(ServerRequest request) {
        return parameters.precision(request);
    }

    @Override
    public boolean acceptsPartial(ServerRequest request) {
        return parameters.acceptsPartial(request);
    }

    @Override
    public boolean skipsSync(ServerRequest request) {
        return parameters.skipsSync(request);
    }

    @Override
    public Mono<ServerResponse> answerRejected(WriteOutcome outcome, ServerRequest request) {
        boolean partial = acceptsPartial(request);
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("accepted", outcome.storedRows());
        context.put("rejected", outcome.rejectedRows());
        context.put("data", InfluxV3Dialect.data(outcome));
        IngestError code = partial ? IngestError.PARTIAL_WRITE : refused;
        String detail = outcome.rejectedRows() + " of " + (outcome.rejectedRows() + outcome.acceptedRows())
                + " lines were rejected, " + (partial ? "the others stored" : "nothing stored") + "; the first: "
                + outcome.errors().get(0).message();
        return Dialect.answerDocument(
                new Problem(code, code.status(), detail, RequestContext.requestId(request), context));
    }

    @Override
    public Mono<ServerResponse> answerProblem(Problem problem) {
        return Dialect.answerDocument(problem);
    }
}
