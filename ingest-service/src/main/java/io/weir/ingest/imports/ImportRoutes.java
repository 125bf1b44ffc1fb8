package io.weir.ingest.imports;

import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.Access;
import io.weir.common.http.MethodGuard;
import io.weir.common.http.RequestContext;
import io.weir.common.limit.Quotas;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Names;
import io.weir.ingest.decode.LineError;
import io.weir.ingest.decode.Precision;
import io.weir.ingest.idempotency.KeyHeader;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** {@code /api/v1/import}: sends files in, and tells how they fare. */
public final class ImportRoutes {

    private static final String BASE = "/api/v1/import";

    private final Imports imports;
    private final Quotas quotas;

    /**
     * Routes in front of those imports.
     *
     * @param quotas where the bytes of files count
     */
    public ImportRoutes(Imports imports, Quotas quotas) {
        this.quotas = quotas;
        this.imports = imports;
    }

    /** All routes. */
    public RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .POST(BASE + "/csv", Access.WRITE.to(request -> take(request, ImportFormat.CSV)))
                .POST(BASE + "/lp", Access.WRITE.to(request -> take(request, ImportFormat.LP)))
                .POST(BASE + "/parquet", Access.WRITE.to(request -> take(request, ImportFormat.PARQUET)))
                .add(MethodGuard.of(List.of("POST"), BASE + "/csv", BASE + "/lp", BASE + "/parquet"))
                .GET(BASE, Access.WRITE.to(this::list))
                .GET(BASE + "/{id}", Access.WRITE.to(this::find))
                .DELETE(BASE + "/{id}", Access.WRITE.to(this::cancel))
                .add(MethodGuard.of(List.of("GET"), BASE))
                .add(MethodGuard.of(List.of("GET", "DELETE"), BASE + "/{id}"))
                .build();
    }

    private Mono<ServerResponse> take(ServerRequest request, ImportFormat format) {
        return Mono.defer(() -> {
            ImportRequest file = read(request, format);
            ImportBody body = new ImportBody(
                    counted(request, file.organisation()),
                    request.headers().firstHeader(HttpHeaders.CONTENT_ENCODING),
                    request.headers().contentLength().orElse(-1));
            String key = KeyHeader.read(request.headers().header(KeyHeader.NAME));
            return key == null
                    ? imports.take(file, body).flatMap(job -> accepted(job).bodyValue(json(job)))
                    : imports.takeOnce(file, key, KeyHeader.requestLine(request.uri()), body)
                            .flatMap(ImportRoutes::answer);
        });
    }

    private Flux<DataBuffer> counted(ServerRequest request, String organisation) {
        return request.exchange()
                .getRequest()
                .getBody()
                .doOnNext(piece -> quotas.received(organisation, piece.readableByteCount()));
    }

    private static Mono<ServerResponse> answer(Imports.Taken taken) {
        ServerResponse.BodyBuilder answer = accepted(taken.job());
        if (taken.earlier()) {
            answer.header(KeyHeader.REPLAYED, "true");
        }
        return answer.bodyValue(json(taken.job()));
    }

    private static ServerResponse.BodyBuilder accepted(ImportJob job) {
        return ServerResponse.accepted()
                .location(URI.create(BASE + "/" + job.id()))
                .contentType(MediaType.APPLICATION_JSON);
    }

    private static ImportRequest read(ServerRequest request, ImportFormat format) {
        String measurement = request.queryParam("measurement").orElse("");
        if (format.needsMeasurement()) {
            String fault = Names.measurementFault(measurement);
            if (fault != null) {
                throw invalid("measurement", fault);
            }
        } else if (!measurement.isEmpty()) {
            throw invalid("measurement", "line protocol names its measurements (expected: no parameter measurement)");
        }
        String delimiter = request.queryParam("delimiter").orElse(",");
        char first = delimiter.length() == 1 ? delimiter.charAt(0) : '"';
        if (first == '"' || first == '\n' || first == '\r' || first > '~') {
            throw invalid(
                    "delimiter",
                    "delimiter \"" + Names.printable(delimiter) + "\" is not known (expected: one ASCII"
                            + " character, not a quote or a newline)");
        }
        String partial = request.queryParam("accept_partial").orElse("true").toLowerCase(Locale.ROOT);
        if (!partial.equals("true") && !partial.equals("false")) {
            throw invalid(
                    "accept_partial",
                    "accept_partial \"" + Names.printable(partial) + "\" is not known (expected:" + " true or false)");
        }
        String name =
                Names.requireDatabase(RequestContext.database(request, "db").orElse(Names.DEFAULT_DATABASE));
        DatabaseId database = RequestContext.principal(request).database(Permission.WRITE, name);
        return new ImportRequest(
                format,
                database.organisation(),
                database.database(),
                measurement,
                Precision.ofV3(request.queryParam("precision").orElse(null)),
                request.queryParam("time_column").orElse("time"),
                names(request.queryParam("tags").orElse("")),
                (byte) first,
                partial.equals("true"));
    }

    private static Set<String> names(String list) {
        return list.isEmpty() ? Set.of() : new LinkedHashSet<>(Arrays.asList(list.split(",", -1)));
    }

    private static WeirException invalid(String parameter, String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail, Map.of("parameter", parameter));
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        List<Map<String, @Nullable Object>> jobs = imports.list(caller.organisation()).stream()
                .filter(job -> caller.may(Permission.WRITE, job.request().database()))
                .map(ImportRoutes::json)
                .toList();
        return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(Map.of("imports", jobs));
    }

    private Mono<ServerResponse> find(ServerRequest request) {
        String id = request.pathVariable("id");
        return Mono.fromCallable(() -> job(request, id)).flatMap(ImportRoutes::answer);
    }

    /** The job of that id, if the caller may write its database. */
    private ImportJob job(ServerRequest request, String id) {
        Principal caller = RequestContext.principal(request);
        return imports.find(caller.organisation(), id)
                .filter(job -> caller.may(Permission.WRITE, job.request().database()))
                .orElseThrow(() -> Imports.unknown(id));
    }

    private Mono<ServerResponse> cancel(ServerRequest request) {
        String id = request.pathVariable("id");
        return Mono.fromCallable(() -> job(request, id).request().organisation())
                .flatMap(organisation -> imports.cancel(organisation, id))
                .flatMap(ImportRoutes::answer);
    }

    private static Mono<ServerResponse> answer(ImportJob job) {
        return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(json(job));
    }

    private static Map<String, @Nullable Object> json(ImportJob job) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", job.id());
        if (job.key() != null) {
            json.put("idempotency_key", Imports.clientKey(job.key()));
        }
        json.put("status", job.state().word());
        json.put("format", job.request().format().word());
        json.put("database", job.request().database());
        if (!job.request().measurement().isEmpty()) {
            json.put("measurement", job.request().measurement());
        }
        json.put("bytes_total", job.fileBytes());
        json.put("bytes_read", job.progress().offset());
        json.put("rows_stored", job.progress().rowsStored());
        json.put("rows_rejected", job.progress().rowsRejected());
        json.put("errors", job.errors().stream().map(ImportRoutes::json).toList());
        json.put("created_at", time(job.createdMillis()));
        json.put("started_at", time(job.startedMillis()));
        json.put("finished_at", time(job.finishedMillis()));
        json.put("failure", job.failure());
        return json;
    }

    private static Map<String, Object> json(LineError error) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("line_number", error.lineNumber());
        json.put("error_message", error.message());
        json.put("original_line", error.originalLine());
        return json;
    }

    private static @Nullable String time(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis).toString();
    }
}
