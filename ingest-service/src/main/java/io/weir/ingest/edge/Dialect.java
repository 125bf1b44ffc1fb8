package io.weir.ingest.edge;

import io.weir.common.auth.Permission;
import io.weir.common.http.Problem;
import io.weir.common.http.RequestContext;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Names;
import io.weir.ingest.WriteOutcome;
import io.weir.ingest.decode.Precision;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * How clients of one origin speak: where they name the database, which precisions they know, whether good lines are kept
 * beside bad ones, and the JSON they expect when something is wrong. Stateless.
 */
interface Dialect {

    /** The query parameter that names the database. */
    String databaseParameter();

    /** The unit of the timestamps. Fails with {@code invalid-request} for a name the origin does not know. */
    Precision precision(ServerRequest request);

    /** Whether good lines are stored when others are bad. */
    boolean acceptsPartial(ServerRequest request);

    /** Whether the client gives up waiting for the disk. */
    default boolean skipsSync(ServerRequest request) {
        return false;
    }

    /** The answer to a body with bad lines. */
    Mono<ServerResponse> answerRejected(WriteOutcome outcome, ServerRequest request);

    /** The answer to a request that failed as a whole. */
    Mono<ServerResponse> answerProblem(Problem problem);

    /** The database a request writes to. Fails with {@code invalid-name}, or {@code forbidden} when its token may not. */
    default DatabaseId database(ServerRequest request) {
        String name = RequestContext.database(request, databaseParameter()).orElse(Names.DEFAULT_DATABASE);
        return RequestContext.principal(request).database(Permission.WRITE, Names.requireDatabase(name));
    }

    /** An answer of that status, with {@code Retry-After} when the problem wants one. */
    static ServerResponse.BodyBuilder answer(Problem problem) {
        ServerResponse.BodyBuilder answer = ServerResponse.status(problem.status());
        if (problem.retryAfterSeconds() > 0) {
            answer.header(HttpHeaders.RETRY_AFTER, Integer.toString(problem.retryAfterSeconds()));
        }
        return answer;
    }

    /** The problem document of RFC 9457. */
    static Mono<ServerResponse> answerDocument(Problem problem) {
        return answer(problem).contentType(MediaType.APPLICATION_PROBLEM_JSON).bodyValue(problem.toJson());
    }
}
