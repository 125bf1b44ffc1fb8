package io.weir.access;

import io.weir.common.auth.Principal;
import io.weir.common.http.Access;
import io.weir.common.http.MethodGuard;
import io.weir.common.http.RequestContext;
import io.weir.storage.catalog.AccessCatalog;
import java.net.URI;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebInputException;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code /api/v1/auth} and {@code /api/v1/organizations}. Thread-safe. */
final class AccessRoutes {

    private static final String AUTH = "/api/v1/auth";
    private static final String TOKENS = AUTH + "/tokens";
    private static final String TOKEN = TOKENS + "/{id}";
    private static final String ORGANISATIONS = "/api/v1/organizations";
    private static final String ORGANISATION = ORGANISATIONS + "/{name}";
    private static final int AUDIT_ENTRIES = 100;
    private static final int MOST_AUDIT_ENTRIES = 1_000;

    private final Tokens tokens;
    private final Organisations organisations;
    private final VerificationCache cache;
    private final AccessCatalog catalog;
    private final Clock clock;

    AccessRoutes(
            Tokens tokens, Organisations organisations, VerificationCache cache, AccessCatalog catalog, Clock clock) {
        this.tokens = tokens;
        this.organisations = organisations;
        this.cache = cache;
        this.catalog = catalog;
        this.clock = clock;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET(AUTH + "/verify", Access.ANY_TOKEN.to(this::verify))
                .POST(AUTH + "/verify", Access.ANY_TOKEN.to(this::verify))
                .GET(AUTH + "/cache/stats", Access.OPERATOR.to(request -> ok(AccessJson.of(cache.stats()))))
                .GET(AUTH + "/audit", Access.ADMIN.to(this::audit))
                .GET(TOKENS, Access.ADMIN.to(this::list))
                .POST(TOKENS, Access.ADMIN.to(this::create))
                .GET(TOKEN, Access.ADMIN.to(this::find))
                .DELETE(TOKEN, Access.ADMIN.to(this::remove))
                .POST(TOKEN + "/rotate", Access.ADMIN.to(this::rotate))
                .POST(TOKEN + "/revoke", Access.ADMIN.to(this::revoke))
                .GET(ORGANISATIONS, Access.ADMIN.to(this::organisations))
                .POST(ORGANISATIONS, Access.OPERATOR.to(this::createOrganisation))
                .GET(ORGANISATION, Access.ADMIN.to(this::organisation))
                .PUT(ORGANISATION, Access.OPERATOR.to(this::limitOrganisation))
                .DELETE(ORGANISATION, Access.OPERATOR.to(this::removeOrganisation))
                .add(MethodGuard.of(List.of("GET", "POST"), AUTH + "/verify", TOKENS, ORGANISATIONS))
                .add(MethodGuard.of(List.of("GET"), AUTH + "/cache/stats", AUTH + "/audit"))
                .add(MethodGuard.of(List.of("GET", "DELETE"), TOKEN))
                .add(MethodGuard.of(List.of("POST"), TOKEN + "/rotate", TOKEN + "/revoke"))
                .add(MethodGuard.of(List.of("GET", "PUT", "DELETE"), ORGANISATION))
                .build();
    }

    private Mono<ServerResponse> verify(ServerRequest request) {
        return ok(AccessJson.of(RequestContext.principal(request)));
    }

    private Mono<ServerResponse> audit(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        long before = number(request, "before", Long.MAX_VALUE, Long.MAX_VALUE);
        int limit = (int) number(request, "limit", AUDIT_ENTRIES, MOST_AUDIT_ENTRIES);
        return catalog.audit(caller.operator() ? null : caller.organisation(), before, limit)
                .flatMap(entries -> ok(
                        Map.of("entries", entries.stream().map(AccessJson::of).toList())));
    }

    private static long number(ServerRequest request, String name, long absent, long most) {
        String text = request.queryParam(name).orElse("");
        if (text.isEmpty()) {
            return absent;
        }
        boolean digits = text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        long value = digits ? Long.parseLong(text) : 0;
        if (value < 1 || value > most) {
            throw AccessJson.invalid(name + " is not a number of 1 to " + most);
        }
        return value;
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        String organisation = request.queryParam("organization").orElse(caller.organisation());
        return tokens.list(caller, organisation)
                .flatMap(all ->
                        ok(Map.of("tokens", all.stream().map(AccessJson::of).toList())));
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        return body(request)
                .flatMap(json -> tokens.create(caller, AccessJson.wish(json, caller, clock.instant())))
                .flatMap(made -> shown(
                        ServerResponse.created(
                                URI.create(TOKENS + "/" + made.token().id())),
                        made));
    }

    private Mono<ServerResponse> find(ServerRequest request) {
        return tokens.find(RequestContext.principal(request), request.pathVariable("id"))
                .flatMap(token -> ok(AccessJson.of(token)));
    }

    private Mono<ServerResponse> remove(ServerRequest request) {
        return tokens.remove(RequestContext.principal(request), request.pathVariable("id"))
                .then(ServerResponse.noContent().build());
    }

    private Mono<ServerResponse> rotate(ServerRequest request) {
        return body(request)
                .flatMap(json -> tokens.rotate(
                        RequestContext.principal(request), request.pathVariable("id"), AccessJson.grace(json)))
                .flatMap(made -> shown(ServerResponse.ok(), made));
    }

    private Mono<ServerResponse> revoke(ServerRequest request) {
        return tokens.revoke(RequestContext.principal(request), request.pathVariable("id"))
                .flatMap(token -> ok(AccessJson.of(token)));
    }

    private Mono<ServerResponse> organisations(ServerRequest request) {
        return organisations
                .list(RequestContext.principal(request))
                .flatMap(all -> ok(
                        Map.of("organizations", all.stream().map(AccessJson::of).toList())));
    }

    private Mono<ServerResponse> organisation(ServerRequest request) {
        return organisations
                .find(RequestContext.principal(request), request.pathVariable("name"))
                .flatMap(organisation -> ok(AccessJson.of(organisation)));
    }

    private Mono<ServerResponse> createOrganisation(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        return body(request)
                .flatMap(json -> organisations.create(
                        caller,
                        AccessJson.text(json, "name", ""),
                        AccessJson.limits(json, io.weir.common.limit.OrganisationLimits.NONE)))
                .flatMap(made -> json(
                        ServerResponse.created(URI.create(ORGANISATIONS + "/" + made.name())), AccessJson.of(made)));
    }

    private Mono<ServerResponse> limitOrganisation(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        String name = request.pathVariable("name");
        return body(request)
                .flatMap(json -> organisations
                        .find(caller, name)
                        .flatMap(found -> organisations.limit(caller, name, AccessJson.limits(json, found.limits()))))
                .flatMap(organisation -> ok(AccessJson.of(organisation)));
    }

    private Mono<ServerResponse> removeOrganisation(ServerRequest request) {
        return organisations
                .remove(RequestContext.principal(request), request.pathVariable("name"))
                .then(ServerResponse.noContent().build());
    }

    /** The JSON object of a body; an empty one where there is no body. */
    private static Mono<JsonNode> body(ServerRequest request) {
        return request.bodyToMono(JsonNode.class)
                .onErrorMap(ServerWebInputException.class, e -> AccessJson.invalid("the body is not JSON"))
                .defaultIfEmpty(JsonNodeFactory.instance.objectNode())
                .doOnNext(json -> {
                    if (!json.isObject()) {
                        throw AccessJson.invalid("the body is not a JSON object");
                    }
                });
    }

    /** An answer with a secret in it, which nobody on the way may keep. */
    private static Mono<ServerResponse> shown(ServerResponse.BodyBuilder answer, Tokens.Made made) {
        return json(answer.header(HttpHeaders.CACHE_CONTROL, "no-store"), AccessJson.of(made));
    }

    private static Mono<ServerResponse> ok(Map<String, ? extends @Nullable Object> json) {
        return json(ServerResponse.ok(), json);
    }

    private static Mono<ServerResponse> json(
            ServerResponse.BodyBuilder answer, Map<String, ? extends @Nullable Object> json) {
        return answer.contentType(MediaType.APPLICATION_JSON).bodyValue(new LinkedHashMap<>(json));
    }
}
