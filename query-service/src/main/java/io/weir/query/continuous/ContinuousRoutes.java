package io.weir.query.continuous;

import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.error.WeirException;
import io.weir.common.http.Access;
import io.weir.common.http.JsonBody;
import io.weir.common.http.MethodGuard;
import io.weir.common.http.PageSize;
import io.weir.common.http.RequestContext;
import io.weir.common.model.Names;
import io.weir.common.model.RandomIds;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.ContinuousDefinition;
import io.weir.storage.catalog.ContinuousQueries;
import io.weir.storage.catalog.ContinuousQuery;
import io.weir.storage.catalog.TaskState;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * {@code /api/v1/continuous_queries}: those of the caller's organisation whose destination the caller may read, to look at, or
 * write, to change.
 */
final class ContinuousRoutes {

    private static final String BASE = "/api/v1/continuous_queries";
    private static final String QUERY = BASE + "/{id}";
    private static final int PAGE = 100;
    private static final int MOST = 1000;
    private static final int ROWS_SHOWN = 1000;

    private final ContinuousQueries queries;
    private final Catalog catalog;
    private final DefinitionReader definitions;
    private final ContinuousWorker worker;
    private final ContinuousRunner runner;
    private final Clock clock;

    ContinuousRoutes(
            ContinuousQueries queries,
            Catalog catalog,
            DefinitionReader definitions,
            ContinuousWorker worker,
            ContinuousRunner runner,
            Clock clock) {
        this.queries = queries;
        this.catalog = catalog;
        this.definitions = definitions;
        this.worker = worker;
        this.runner = runner;
        this.clock = clock;
    }

    /** All routes. */
    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET(BASE, Access.READ.to(this::list))
                .POST(BASE, Access.WRITE.to(this::create))
                .GET(QUERY, Access.READ.to(this::get))
                .PUT(QUERY, Access.WRITE.to(this::change))
                .DELETE(QUERY, Access.WRITE.to(this::remove))
                .POST(QUERY + "/execute", Access.WRITE.to(this::execute))
                .GET(QUERY + "/executions", Access.READ.to(this::executions))
                .add(MethodGuard.of(List.of("GET", "POST"), BASE))
                .add(MethodGuard.of(List.of("GET", "PUT", "DELETE"), QUERY))
                .add(MethodGuard.of(List.of("POST"), QUERY + "/execute"))
                .add(MethodGuard.of(List.of("GET"), QUERY + "/executions"))
                .build();
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        int limit = PageSize.of(request, PAGE, MOST);
        return queries.list(caller.organisation(), request.queryParam("after").orElse(""), limit)
                .flatMap(page -> {
                    Map<String, Object> json = new LinkedHashMap<>();
                    json.put(
                            "continuous_queries",
                            page.stream()
                                    .filter(query -> caller.may(
                                            Permission.READ,
                                            query.definition().destination().database()))
                                    .map(ContinuousJson::of)
                                    .toList());
                    if (page.size() == limit) {
                        json.put("next_after", page.get(limit - 1).id());
                    }
                    return answer(ServerResponse.ok(), json);
                });
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        return definitions.created(request).flatMap(beginning -> {
            ContinuousDefinition definition = beginning.definition();
            ContinuousQuery unscheduled = new ContinuousQuery(
                    RandomIds.next(),
                    caller.organisation(),
                    definition,
                    clock.instant(),
                    0,
                    beginning.watermarkMicros(),
                    TaskState.firstDue(null));
            ContinuousQuery query = new ContinuousQuery(
                    unscheduled.id(),
                    unscheduled.organisation(),
                    definition,
                    unscheduled.created(),
                    0,
                    beginning.watermarkMicros(),
                    TaskState.firstDue(next(definition, unscheduled)));
            return catalog.createDatabase(definition.destination().databaseId())
                    .then(queries.add(query, entry(caller, "created", query.id(), definition)))
                    .then(Mono.defer(() -> answer(
                            ServerResponse.created(URI.create(BASE + "/" + query.id())), ContinuousJson.of(query))));
        });
    }

    private static @Nullable Instant next(ContinuousDefinition definition, ContinuousQuery query) {
        return definition.enabled() ? query.nextWindowDue() : null;
    }

    private AuditEntry entry(Principal caller, String act, String id, ContinuousDefinition definition) {
        String detail = definition.name() + ": every " + definition.interval() + " into "
                + definition.destination().database() + "/"
                + definition.destination().measurement();
        return new AuditEntry(
                0, clock.instant(), caller.organisation(), caller.toString(), "continuous_query." + act, id, detail);
    }

    /** The query that a request names, with whose destination its caller may do that. */
    private Mono<ContinuousQuery> query(ServerRequest request, Permission permission) {
        Principal caller = RequestContext.principal(request);
        String id = request.pathVariable("id");
        return queries.find(caller.organisation(), id)
                .switchIfEmpty(Mono.error(() -> notFound(id)))
                .doOnNext(query -> caller.database(
                        permission, query.definition().destination().database()));
    }

    private static WeirException notFound(String id) {
        return new WeirException(
                ContinuousError.QUERY_NOT_FOUND,
                "there is no continuous query " + Names.printable(id) + " (expected: an id that GET " + BASE
                        + " lists)");
    }

    private Mono<ServerResponse> get(ServerRequest request) {
        return query(request, Permission.READ).flatMap(query -> answer(ServerResponse.ok(), ContinuousJson.of(query)));
    }

    private Mono<ServerResponse> change(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        return query(request, Permission.WRITE)
                .flatMap(query -> definitions
                        .changed(request, query)
                        .flatMap(definition -> queries.change(
                                caller.organisation(),
                                query.id(),
                                definition,
                                definition.enabled() ? clock.instant() : null,
                                entry(caller, "changed", query.id(), definition)))
                        .switchIfEmpty(Mono.error(() -> notFound(query.id()))))
                .flatMap(changed -> answer(ServerResponse.ok(), ContinuousJson.of(changed)));
    }

    private Mono<ServerResponse> remove(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        return query(request, Permission.WRITE)
                .flatMap(query -> queries.remove(
                        caller.organisation(), query.id(), entry(caller, "removed", query.id(), query.definition())))
                .then(ServerResponse.noContent().build());
    }

    private Mono<ServerResponse> execute(ServerRequest request) {
        return query(request, Permission.WRITE)
                .flatMap(query -> JsonBody.of(request, List.of("dry_run", "start"))
                        .flatMap(body -> body.flag("dry_run", false)
                                ? tried(query, body.time("start"))
                                : worker.execute(query)
                                        .flatMap(tally -> answer(ServerResponse.ok(), ContinuousJson.of(tally)))));
    }

    /** The window that holds that time; without one, the last that has ended. */
    private Mono<ServerResponse> tried(ContinuousQuery query, @Nullable Instant time) {
        long interval = query.intervalMicros();
        long at = TimeUnit.MILLISECONDS.toMicros((time == null ? clock.instant() : time).toEpochMilli());
        long window = Math.floorDiv(at, interval) * interval;
        long start = time == null ? window - interval : window;
        return runner.preview(query, start)
                .flatMap(result ->
                        answer(ServerResponse.ok(), ContinuousJson.of(result, start, start + interval, ROWS_SHOWN)));
    }

    private Mono<ServerResponse> executions(ServerRequest request) {
        int limit = PageSize.of(request, PAGE, MOST);
        return query(request, Permission.READ)
                .flatMap(query -> queries.runs(query.id(), limit))
                .flatMap(runs -> answer(
                        ServerResponse.ok(),
                        Map.of(
                                "executions",
                                runs.stream().map(ContinuousJson::of).toList())));
    }

    private static Mono<ServerResponse> answer(ServerResponse.BodyBuilder answer, Map<String, ?> json) {
        return answer.contentType(MediaType.APPLICATION_JSON).bodyValue(json);
    }
}
