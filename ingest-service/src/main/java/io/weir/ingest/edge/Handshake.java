package io.weir.ingest.edge;

import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.http.Access;
import io.weir.common.http.GuardedHandler;
import io.weir.common.http.Problem;
import io.weir.common.http.RequestContext;
import io.weir.common.model.Names;
import io.weir.storage.catalog.Catalog;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * What InfluxDB 1 agents ask before they write: {@code /ping}, and {@code /query} with {@code CREATE DATABASE} or {@code
 * SHOW DATABASES}. Other statements are refused; rows are queried with SQL, by {@code /api/v1/query}.
 */
public final class Handshake {

    /** The version that clients of InfluxDB 1 take their dialect from. */
    private static final String INFLUX_VERSION = "1.8-weir";

    private final Catalog catalog;

    /** A handshake over that catalog. */
    public Handshake(Catalog catalog) {
        this.catalog = catalog;
    }

    Mono<ServerResponse> ping(ServerRequest request) {
        return ServerResponse.noContent()
                .header("X-Influxdb-Version", INFLUX_VERSION)
                .header("X-Influxdb-Build", "weir")
                .build();
    }

    GuardedHandler guardedQuery() {
        return Access.ANY_TOKEN.to(this::query, Handshake::failure);
    }

    private Mono<ServerResponse> query(ServerRequest request) {
        return statement(request).flatMap(statement -> run(statement, request)).onErrorResume(e -> failure(e, request));
    }

    private static Mono<ServerResponse> failure(Throwable failure, ServerRequest request) {
        Problem problem = Problem.of(failure, RequestContext.requestId(request));
        return error(HttpStatus.valueOf(problem.status()), problem.detail());
    }

    /** The statement, from the query string or from a form. */
    private static Mono<String> statement(ServerRequest request) {
        Optional<String> inQuery = request.queryParam("q");
        if (inQuery.isPresent()) {
            return Mono.just(inQuery.get());
        }
        boolean form = request.headers()
                .contentType()
                .filter(MediaType.APPLICATION_FORM_URLENCODED::isCompatibleWith)
                .isPresent();
        return form ? request.formData().mapNotNull(data -> data.getFirst("q")).defaultIfEmpty("") : Mono.just("");
    }

    private Mono<ServerResponse> run(String statement, ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        List<String> words = List.of(statement.strip().replace(";", " ").strip().split("\\s+"));
        if (isStatement(words, "SHOW", "DATABASES") && words.size() == 2) {
            return catalog.databases(caller.organisation())
                    .filter(name -> caller.may(Permission.READ, name) || caller.may(Permission.WRITE, name))
                    .map(name -> List.<Object>of(name))
                    .collectList()
                    .flatMap(Handshake::databases);
        }
        if (isStatement(words, "CREATE", "DATABASE") && words.size() >= 3) {
            String name = Names.requireDatabase(unquoted(words.get(2)));
            return catalog.createDatabase(caller.database(Permission.WRITE, name))
                    .then(ok(Map.of("results", List.of(Map.of("statement_id", 0)))));
        }
        return error(
                HttpStatus.BAD_REQUEST,
                "statement \"" + Names.printable(statement)
                        + "\" is not known here (expected: CREATE DATABASE name or SHOW DATABASES;"
                        + " SQL goes to /api/v1/query)");
    }

    private static boolean isStatement(List<String> words, String first, String second) {
        return words.size() >= 2
                && words.get(0).toUpperCase(Locale.ROOT).equals(first)
                && words.get(1).toUpperCase(Locale.ROOT).equals(second);
    }

    private static String unquoted(String word) {
        boolean quoted = word.length() >= 2 && word.startsWith("\"") && word.endsWith("\"");
        return quoted ? word.substring(1, word.length() - 1) : word;
    }

    private static Mono<ServerResponse> databases(List<List<Object>> rows) {
        Map<String, @Nullable Object> series = new LinkedHashMap<>();
        series.put("name", "databases");
        series.put("columns", List.of("name"));
        series.put("values", rows);
        return ok(Map.of("results", List.of(Map.of("statement_id", 0, "series", List.of(series)))));
    }

    private static Mono<ServerResponse> ok(Map<String, Object> body) {
        return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(body);
    }

    private static Mono<ServerResponse> error(HttpStatus status, String text) {
        return ServerResponse.status(status)
                .header(InfluxV1Dialect.ERROR_HEADER, HeaderText.of(text))
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(Map.of("error", text));
    }
}
