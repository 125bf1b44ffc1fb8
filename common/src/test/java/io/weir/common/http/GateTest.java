package io.weir.common.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.auth.Authenticator;
import io.weir.common.auth.DatabasePattern;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.limit.OrganisationLimits;
import io.weir.common.limit.Quotas;
import io.weir.common.limit.RateLimitSettings;
import io.weir.common.limit.RateLimits;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class GateTest {

    private static final InetSocketAddress PEER = new InetSocketAddress("192.0.2.1", 4711);

    private final AtomicInteger reached = new AtomicInteger();
    private final AtomicInteger bodiesRead = new AtomicInteger();
    private final Quotas quotas = new Quotas(() -> 0);
    private RateLimits rates = RateLimits.NONE;

    /** Tokens are called after what they may do. */
    private static final Authenticator BY_NAME = credentials -> {
        String token = credentials.token();
        if (token == null || token.isEmpty()) {
            return Mono.error(new WeirException(CommonError.UNAUTHENTICATED, "this route needs a token"));
        }
        if (token.equals("operator")) {
            return Mono.just(Principal.unrestricted("acme", "boss"));
        }
        Permission permission = Permission.of(token);
        Grant grant = new Grant(DatabasePattern.ALL, Set.of(permission == null ? Permission.READ : permission));
        return Mono.just(new Principal("acme", token, token, List.of(grant), false));
    };

    private Mono<ServerResponse> answer(ServerRequest request) {
        reached.incrementAndGet();
        return request.exchange()
                .getRequest()
                .getBody()
                .then(ServerResponse.ok().build());
    }

    private RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route();
        for (Access access : Access.values()) {
            routes.POST("/" + access.name(), access.to(this::answer));
        }
        return routes.POST("/unsaid", this::answer)
                .POST(
                        "/own",
                        Access.WRITE.to(
                                this::answer,
                                (failure, request) -> ServerResponse.status(418).build()))
                .add(MethodGuard.of(List.of("POST"), "/PUBLIC"))
                .build();
    }

    private MockServerHttpResponse send(String path, String token) {
        return send(HttpMethod.POST, path, token);
    }

    private MockServerHttpResponse send(HttpMethod method, String path, String token) {
        HttpHandler handler = EdgeConfiguration.handler(List.of(routes()), new Gate(BY_NAME, rates, quotas));
        Flux<DataBuffer> body = Flux.defer(() -> {
            bodiesRead.incrementAndGet();
            return Flux.just(DefaultDataBufferFactory.sharedInstance.wrap(new byte[1]));
        });
        MockServerHttpRequest request = MockServerHttpRequest.method(method, path)
                .remoteAddress(PEER)
                .header("Authorization", "Bearer " + token)
                .contentLength(2 << 20) // more than is passed over behind a refusal
                .body(body);
        MockServerHttpResponse response = new MockServerHttpResponse();
        handler.handle(request, response).block();
        return response;
    }

    private int status(String path, String token) {
        MockServerHttpResponse response = send(path, token);
        return response.getStatusCode() == null ? 0 : response.getStatusCode().value();
    }

    @Test
    void aRouteIsReachedWithItsPermissionOnly() { // LESSONS 56
        Map<String, Set<String>> permitted = Map.of(
                "PUBLIC", Set.of("", "read", "write", "delete", "admin", "operator"),
                "ANY_TOKEN", Set.of("read", "write", "delete", "admin", "operator"),
                "READ", Set.of("read", "admin", "operator"),
                "WRITE", Set.of("write", "admin", "operator"),
                "DELETE", Set.of("delete", "admin", "operator"),
                "ADMIN", Set.of("admin", "operator"),
                "OPERATOR", Set.of("operator"),
                "unsaid", Set.of("operator"));
        for (String route : permitted.keySet()) {
            for (String token : List.of("", "read", "write", "delete", "admin", "operator")) {
                int expected =
                        permitted.getOrDefault(route, Set.of()).contains(token) ? 200 : token.isEmpty() ? 401 : 403;
                assertThat(status("/" + route, token))
                        .as(route + " with " + token)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void noByteIsReadOfABodyThatIsRefused() { // LESSONS 57
        assertThat(status("/WRITE", "")).isEqualTo(401);
        assertThat(status("/WRITE", "read")).isEqualTo(403);
        assertThat(bodiesRead).hasValue(0);
        assertThat(reached).hasValue(0);
        MockServerHttpResponse response = send("/WRITE", "");
        assertThat(response.getHeaders().getFirst("Connection")).isEqualTo("close");
        assertThat(response.getHeaders().getFirst("WWW-Authenticate")).isEqualTo("Bearer realm=\"weir\"");
    }

    @Test
    void whatIsNoRouteIsToldToThoseWithATokenOnly() { // LESSONS 55
        for (String path : List.of("/none", "/PUBLIC/", "/public", "/PUBLIC/../WRITE", "//WRITE", "/%2e/WRITE")) {
            assertThat(status(path, "")).as(path).isEqualTo(401);
            assertThat(status(path, "operator")).as(path).isEqualTo(404);
        }
        assertThat(send(HttpMethod.PUT, "/PUBLIC", "").getStatusCode().value()).isEqualTo(401);
        assertThat(send(HttpMethod.PUT, "/PUBLIC", "read").getStatusCode().value())
                .isEqualTo(405);
        assertThat(reached).hasValue(0);
    }

    @Test
    void aRouteMayRefuseInAFormOfItsOwn() {
        assertThat(status("/own", "")).isEqualTo(418);
        assertThat(status("/own", "read")).isEqualTo(418);
        assertThat(status("/own", "write")).isEqualTo(200);
    }

    @Test
    void writesAreCountedByAddressBeforeTheTokenIsLookedAt() { // REQUIREMENTS O1, LESSONS 63
        rates = RateLimits.local(new RateLimitSettings(true, 2, 0, List.of(), List.of(), 64), () -> 0);
        assertThat(status("/WRITE", "")).isEqualTo(401);
        assertThat(status("/WRITE", "write")).isEqualTo(200);
        MockServerHttpResponse refused = send("/WRITE", "write");
        assertThat(refused.getStatusCode().value()).isEqualTo(429);
        assertThat(refused.getHeaders().getFirst("Retry-After")).isEqualTo("30");
        assertThat(status("/READ", "read")).isEqualTo(200);
        assertThat(rates.refusedAddresses()).isEqualTo(1);
    }

    @Test
    void writesAreCountedByToken() {
        rates = RateLimits.local(new RateLimitSettings(true, 0, 1, List.of(), List.of(), 64), () -> 0);
        assertThat(status("/WRITE", "write")).isEqualTo(200);
        assertThat(status("/WRITE", "write")).isEqualTo(429);
        assertThat(status("/WRITE", "admin")).isEqualTo(200);
    }

    @Test
    void anOrganisationOverItsQuotaWaits() { // REQUIREMENTS C3
        quotas.apply(Map.of("acme", new OrganisationLimits(60, 0, 0, 0, 0)));
        assertThat(status("/WRITE", "write")).isEqualTo(200);
        quotas.received("acme", 89);
        MockServerHttpResponse refused = send("/WRITE", "write");
        assertThat(refused.getStatusCode().value()).isEqualTo(429);
        assertThat(refused.getHeaders().getFirst("Retry-After")).isEqualTo("30");
        assertThat(refused.getBodyAsString().block()).contains("quota-exceeded", "60 bytes a minute");
        assertThat(status("/READ", "read")).isEqualTo(200);
    }
}
