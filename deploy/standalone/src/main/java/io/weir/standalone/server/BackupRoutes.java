package io.weir.standalone.server;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.Access;
import io.weir.common.http.MethodGuard;
import io.weir.storage.backup.CopyTally;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebInputException;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** {@code /api/v1/backup}: makes backups, and tells how they fare. For operators. */
final class BackupRoutes {

    static final String BASE = "/api/v1/backup";

    private static final String ONE = BASE + "/{id}";
    private static final String BODY = "(expected: {\"to\": \"s3://BUCKET/PREFIX\"})";

    private final BackupJobs jobs;

    BackupRoutes(BackupJobs jobs) {
        this.jobs = jobs;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .POST(BASE, Access.OPERATOR.to(this::begin))
                .GET(BASE, Access.OPERATOR.to(this::list))
                .GET(ONE, Access.OPERATOR.to(request -> answer(request, jobs::require)))
                .DELETE(ONE, Access.OPERATOR.to(request -> answer(request, jobs::cancel)))
                .add(MethodGuard.of(List.of("GET", "POST"), BASE))
                .add(MethodGuard.of(List.of("GET", "DELETE"), ONE))
                .build();
    }

    private Mono<ServerResponse> begin(ServerRequest request) {
        return request.bodyToMono(JsonNode.class)
                .onErrorMap(ServerWebInputException.class, e -> invalid("the body is not JSON " + BODY))
                .switchIfEmpty(Mono.error(() -> invalid("the body is empty " + BODY)))
                .map(body -> body.path("to"))
                .filter(JsonNode::isString)
                .switchIfEmpty(Mono.error(() -> invalid("member \"to\" is missing or not a string " + BODY)))
                .flatMap(to -> jobs.begin(to.stringValue()))
                .flatMap(job -> ServerResponse.accepted()
                        .location(URI.create(BASE + "/" + job.id()))
                        .contentType(MediaType.APPLICATION_JSON)
                        .bodyValue(json(job)));
    }

    private static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail);
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        return ServerResponse.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(Map.of(
                        "backups", jobs.list().stream().map(BackupRoutes::json).toList()));
    }

    private interface Finding {
        BackupJob of(String id);
    }

    private static Mono<ServerResponse> answer(ServerRequest request, Finding finding) {
        return Mono.fromSupplier(() -> finding.of(request.pathVariable("id")))
                .flatMap(job -> ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .bodyValue(json(job)));
    }

    private static Map<String, @Nullable Object> json(BackupJob job) {
        CopyTally tally = job.tally();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", job.id());
        json.put("status", job.state().word());
        json.put("to", job.place());
        json.put("databases", tally.total().databases());
        json.put("measurements", tally.total().measurements());
        json.put("files_total", tally.total().files());
        json.put("files_done", tally.files());
        json.put("files_copied", tally.filesCopied());
        json.put("rows_total", tally.total().rows());
        json.put("rows_done", tally.rows());
        json.put("bytes_total", tally.total().bytes());
        json.put("bytes_done", tally.bytes());
        json.put("bytes_copied", tally.bytesCopied());
        json.put("created_at", job.created().toString());
        json.put("finished_at", job.finished() == null ? null : job.finished().toString());
        json.put("failure", job.failure());
        return json;
    }
}
