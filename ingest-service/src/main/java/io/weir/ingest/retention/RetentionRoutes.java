package io.weir.ingest.retention;

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
import io.weir.storage.catalog.Boundary;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.catalog.RetentionPolicy;
import io.weir.storage.catalog.RetentionRule;
import io.weir.storage.catalog.TaskState;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * {@code /api/v1/retention}: policies of the caller's organisation. Whoever looks at or changes one may delete from all the
 * databases it is about.
 */
final class RetentionRoutes {

    private static final String BASE = "/api/v1/retention";
    private static final String POLICY = BASE + "/{id}";
    private static final int PAGE = 100;
    private static final int MOST = 1000;

    private final RetentionPolicies policies;
    private final RetentionWorker worker;
    private final RetentionTrial trial;
    private final Clock clock;

    RetentionRoutes(RetentionPolicies policies, RetentionWorker worker, RetentionTrial trial, Clock clock) {
        this.policies = policies;
        this.worker = worker;
        this.trial = trial;
        this.clock = clock;
    }

    /** All routes. */
    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET(BASE, Access.DELETE.to(this::list))
                .POST(BASE, Access.DELETE.to(this::create))
                .GET(POLICY, Access.DELETE.to(this::get))
                .PUT(POLICY, Access.DELETE.to(this::change))
                .DELETE(POLICY, Access.DELETE.to(this::remove))
                .POST(POLICY + "/execute", Access.DELETE.to(this::execute))
                .GET(POLICY + "/executions", Access.DELETE.to(this::executions))
                .add(MethodGuard.of(List.of("GET", "POST"), BASE))
                .add(MethodGuard.of(List.of("GET", "PUT", "DELETE"), POLICY))
                .add(MethodGuard.of(List.of("POST"), POLICY + "/execute"))
                .add(MethodGuard.of(List.of("GET"), POLICY + "/executions"))
                .build();
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        int limit = PageSize.of(request, PAGE, MOST);
        return policies.list(caller.organisation(), request.queryParam("after").orElse(""), limit)
                .flatMap(page -> {
                    Map<String, Object> json = new LinkedHashMap<>();
                    json.put(
                            "policies",
                            page.stream()
                                    .filter(policy -> caller.may(
                                            Permission.DELETE, policy.rule().databases()))
                                    .map(RetentionJson::of)
                                    .toList());
                    if (page.size() == limit) {
                        json.put("next_after", page.get(limit - 1).id());
                    }
                    return answer(ServerResponse.ok(), json);
                });
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        return RetentionJson.rule(request, null).flatMap(rule -> {
            requireMay(caller, rule);
            Instant now = clock.instant();
            RetentionPolicy policy = new RetentionPolicy(
                    RandomIds.next(), caller.organisation(), rule, now, 0, TaskState.firstDue(dueNow(rule)));
            return policies.add(policy, entry(caller, "created", policy.id(), rule))
                    .then(Mono.defer(() -> answer(
                            ServerResponse.created(URI.create(BASE + "/" + policy.id())), RetentionJson.of(policy))));
        });
    }

    private @Nullable Instant dueNow(RetentionRule rule) {
        return rule.enabled() ? clock.instant() : null;
    }

    private static void requireMay(Principal caller, RetentionRule rule) {
        caller.database(Permission.DELETE, rule.databases());
    }

    private AuditEntry entry(Principal caller, String act, String id, RetentionRule rule) {
        String detail = rule.name() + ": " + rule.databases() + "/" + rule.measurements() + " keeps " + rule.keep()
                + (rule.boundary() == Boundary.REWRITE ? ", rewriting boundary files" : "");
        return new AuditEntry(
                0, clock.instant(), caller.organisation(), caller.toString(), "retention." + act, id, detail);
    }

    /** The policy that a request names, which its caller may look at. */
    private Mono<RetentionPolicy> policy(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        String id = request.pathVariable("id");
        return policies.find(caller.organisation(), id)
                .switchIfEmpty(Mono.error(() -> notFound(id)))
                .doOnNext(policy -> requireMay(caller, policy.rule()));
    }

    private static WeirException notFound(String id) {
        return new WeirException(
                RetentionError.POLICY_NOT_FOUND,
                "there is no retention policy " + Names.printable(id) + " (expected: an id that GET " + BASE
                        + " lists)");
    }

    private Mono<ServerResponse> get(ServerRequest request) {
        return policy(request).flatMap(policy -> answer(ServerResponse.ok(), RetentionJson.of(policy)));
    }

    private Mono<ServerResponse> change(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        return policy(request)
                .flatMap(policy -> RetentionJson.rule(request, policy.rule()).flatMap(rule -> {
                    requireMay(caller, rule);
                    return policies.change(
                                    caller.organisation(),
                                    policy.id(),
                                    rule,
                                    dueNow(rule),
                                    entry(caller, "changed", policy.id(), rule))
                            .switchIfEmpty(Mono.error(() -> notFound(policy.id())))
                            .flatMap(changed -> answer(ServerResponse.ok(), RetentionJson.of(changed)));
                }));
    }

    private Mono<ServerResponse> remove(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        return policy(request)
                .flatMap(policy -> policies.remove(
                        caller.organisation(), policy.id(), entry(caller, "removed", policy.id(), policy.rule())))
                .then(ServerResponse.noContent().build());
    }

    private Mono<ServerResponse> execute(ServerRequest request) {
        return policy(request)
                .flatMap(policy -> JsonBody.of(request, List.of("dry_run"))
                        .flatMap(body -> body.flag("dry_run", false)
                                ? trial.find(policy)
                                        .flatMap(found -> answer(ServerResponse.ok(), RetentionJson.of(found)))
                                : worker.execute(policy)
                                        .flatMap(dropped -> answer(ServerResponse.ok(), RetentionJson.of(dropped)))));
    }

    private Mono<ServerResponse> executions(ServerRequest request) {
        int limit = PageSize.of(request, PAGE, MOST);
        return policy(request)
                .flatMap(policy -> policies.runs(policy.id(), limit))
                .flatMap(runs -> answer(
                        ServerResponse.ok(),
                        Map.of(
                                "executions",
                                runs.stream().map(RetentionJson::of).toList())));
    }

    private static Mono<ServerResponse> answer(ServerResponse.BodyBuilder answer, Map<String, ?> json) {
        return answer.contentType(MediaType.APPLICATION_JSON).bodyValue(json);
    }
}
