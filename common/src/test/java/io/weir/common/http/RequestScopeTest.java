package io.weir.common.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.auth.Authenticator;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Every request is told of once, with its route and how it ended; and its id is where it is logged. */
class RequestScopeTest implements RequestObserver {

    private final List<String> ended = new ArrayList<>();
    private int began;

    @Override
    public void began() {
        began++;
    }

    @Override
    public void ended(String method, String route, Outcome outcome, long nanos) {
        assertThat(nanos).isPositive();
        ended.add(method + " " + route + " " + outcome.label());
    }

    @AfterEach
    void asBefore() {
        RequestIds.log(false);
    }

    private Mono<Void> handle(HttpMethod method, String path, Mono<ServerResponse> answer) {
        HttpHandler handler = EdgeConfiguration.handler(
                List.of(RouterFunctions.route()
                        .GET("/things/{id}", Access.PUBLIC.to(request -> answer))
                        .build()),
                Gate.of(Authenticator.OPEN),
                this,
                List.of());
        return handler.handle(
                MockServerHttpRequest.method(method, path)
                        .header("X-Request-Id", "r-17")
                        .build(),
                new MockServerHttpResponse());
    }

    @Test
    void theRouteIsItsPatternAndTheStatusItsClass() {
        handle(HttpMethod.GET, "/things/5", ServerResponse.noContent().build()).block();
        handle(HttpMethod.GET, "/things/6", ServerResponse.status(302).build()).block();
        handle(HttpMethod.GET, "/things/7", Mono.error(new WeirException(CommonError.OVERLOADED, "full")))
                .block();
        handle(HttpMethod.GET, "/things/8", Mono.error(new WeirException(CommonError.FORBIDDEN, "no")))
                .block();
        handle(HttpMethod.GET, "/nowhere/" + "x".repeat(50), Mono.empty()).block();
        assertThat(ended)
                .containsExactly(
                        "GET /things/{id} 2xx",
                        "GET /things/{id} 3xx",
                        "GET /things/{id} 5xx",
                        "GET /things/{id} 4xx",
                        "GET none 4xx");
        assertThat(began).isEqualTo(5);
    }

    @Test
    void aClientThatGoesAwayIsToldOnce() {
        Disposable request = handle(HttpMethod.GET, "/things/5", Mono.never()).subscribe();
        assertThat(ended).isEmpty();
        request.dispose();
        request.dispose();
        assertThat(ended).containsExactly("GET /things/{id} gone");
    }

    @Test
    void theIdIsInTheLoggingContextOfEveryThreadWhenAskedFor() {
        RequestIds.log(true);
        AtomicReference<String> here = new AtomicReference<>();
        AtomicReference<String> elsewhere = new AtomicReference<>();
        handle(
                        HttpMethod.GET,
                        "/things/5",
                        Mono.defer(() -> {
                                    here.set(MDC.get(RequestIds.KEY));
                                    return Mono.fromCallable(() -> MDC.get(RequestIds.KEY))
                                            .subscribeOn(Schedulers.parallel())
                                            .doOnNext(elsewhere::set);
                                })
                                .then(ServerResponse.noContent().build()))
                .block();
        assertThat(Arrays.asList(here.get(), elsewhere.get())).containsExactly("r-17", "r-17");
        assertThat(MDC.get(RequestIds.KEY)).as("nothing stays behind").isNull();
    }

    @Test
    void otherwiseItCostsNothing() {
        AtomicReference<String> here = new AtomicReference<>("-");
        handle(HttpMethod.GET, "/things/5", Mono.defer(() -> {
                    here.set(MDC.get(RequestIds.KEY));
                    return ServerResponse.noContent().build();
                }))
                .block();
        assertThat(here.get()).isNull();
    }
}
