package io.weir.common.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.auth.Authenticator;
import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.reactive.function.server.HandlerStrategies;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.handler.ExceptionHandlingWebHandler;
import org.springframework.web.server.handler.FilteringWebHandler;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EdgeTest {

    private static MockServerWebExchange exchange(
            Authenticator authenticator, MockServerHttpRequest request, Mono<Void> answer) {
        MockServerWebExchange exchange = MockServerWebExchange.from(request);
        ServerRequest routed =
                ServerRequest.create(exchange, HandlerStrategies.withDefaults().messageReaders());
        GuardedHandler handler = Access.ANY_TOKEN.to(
                asked -> answer.then(ServerResponse.noContent().build()));
        FilteringWebHandler filters = new FilteringWebHandler(
                any -> Gate.of(authenticator).filter(routed, handler).then(), java.util.List.of(new RequestIdFilter()));
        new ExceptionHandlingWebHandler(filters, java.util.List.of(new ProblemHandler()))
                .handle(exchange)
                .block();
        return exchange;
    }

    @Test
    void noByteOfTheBodyIsReadBeforeAuthentication() { // LESSONS 57
        AtomicBoolean read = new AtomicBoolean();
        AtomicBoolean refused = new AtomicBoolean();
        AtomicBoolean reached = new AtomicBoolean();
        Flux<DataBuffer> body = Flux.defer(() -> {
            read.set(true);
            assertThat(refused).as("refused before a byte is read").isTrue();
            return Flux.just(DefaultDataBufferFactory.sharedInstance.wrap(new byte[1]));
        });
        Authenticator nobody = credentials -> Mono.defer(() -> {
            assertThat(read).isFalse();
            refused.set(true);
            return Mono.error(new WeirException(CommonError.UNAUTHENTICATED, "this route needs a token"));
        });
        MockServerHttpRequest request = MockServerHttpRequest.post("/write").body(body);
        MockServerWebExchange exchange = exchange(
                nobody,
                request,
                request.getBody().doOnSubscribe(any -> reached.set(true)).then());
        assertThat(exchange.getResponse().getStatusCode()).isEqualTo(HttpStatus.UNAUTHORIZED);
        assertThat(refused).isTrue();
        assertThat(reached)
                .as("what comes after the refusal is passed over, and nobody's")
                .isFalse();
    }

    @Test
    void aTokenIsFoundWhereverClientsPutIt() {
        java.util.List<MockServerHttpRequest> requests = java.util.List.of(
                MockServerHttpRequest.get("/")
                        .header("Authorization", "Bearer t0p")
                        .build(),
                MockServerHttpRequest.get("/")
                        .header("Authorization", "Token t0p")
                        .build(),
                MockServerHttpRequest.get("/")
                        .header("Authorization", "Basic dTp0MHA=")
                        .build(),
                MockServerHttpRequest.get("/").header("x-api-key", "t0p").build(),
                MockServerHttpRequest.get("/?u=x&p=t0p").build());
        Authenticator strict = credentials -> "t0p".equals(credentials.token())
                ? Mono.just(Principal.unrestricted("acme", "device"))
                : Mono.error(new WeirException(CommonError.UNAUTHENTICATED, "no"));
        for (MockServerHttpRequest request : requests) {
            assertThat(exchange(strict, request, Mono.empty()).getResponse().getStatusCode())
                    .isNull();
        }
    }

    @Test
    void theRequestIdIsEchoedUnlessItIsUnfit() {
        MockServerHttpRequest good =
                MockServerHttpRequest.get("/").header("X-Request-Id", "abc-1").build();
        MockServerHttpRequest bad =
                MockServerHttpRequest.get("/").header("X-Request-Id", "a b").build();
        assertThat(exchange(Authenticator.OPEN, good, Mono.empty())
                        .getResponse()
                        .getHeaders()
                        .getFirst("X-Request-Id"))
                .isEqualTo("abc-1");
        assertThat(exchange(Authenticator.OPEN, bad, Mono.empty())
                        .getResponse()
                        .getHeaders()
                        .getFirst("X-Request-Id"))
                .hasSize(32);
    }

    @Test
    void aFailureIsAProblemDocument() {
        MockServerWebExchange exchange = exchange(
                Authenticator.OPEN,
                MockServerHttpRequest.get("/").header("X-Request-Id", "r1").build(),
                Mono.error(new WeirException(CommonError.OVERLOADED, "no room", Map.of("limit_bytes", 7))));
        JsonNode problem = new JsonMapper()
                .readTree(exchange.getResponse().getBodyAsString().block());
        assertThat(exchange.getResponse().getHeaders().getContentType()).hasToString("application/problem+json");
        assertThat(exchange.getResponse().getHeaders().getFirst("Retry-After")).isEqualTo("1"); // LESSONS 63
        assertThat(problem.get("type").asString()).isEqualTo("urn:weir:problem:overloaded");
        assertThat(problem.get("status").asInt()).isEqualTo(503);
        assertThat(problem.get("detail").asString()).isEqualTo("no room");
        assertThat(problem.get("request_id").asString()).isEqualTo("r1");
        assertThat(problem.get("limit_bytes").asInt()).isEqualTo(7);
    }

    @Test
    void anUnexpectedFailureSaysNothingOfItsInside() {
        MockServerWebExchange exchange = exchange(
                Authenticator.OPEN,
                MockServerHttpRequest.get("/").build(),
                Mono.error(new IllegalStateException("/var/secret")));
        assertThat(exchange.getResponse().getStatusCode()).isEqualTo(HttpStatus.INTERNAL_SERVER_ERROR);
        assertThat(exchange.getResponse().getBodyAsString().block()).doesNotContain("secret");
    }
}
