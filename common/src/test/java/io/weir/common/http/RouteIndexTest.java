package io.weir.common.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.web.reactive.function.server.RequestPredicates.GET;
import static org.springframework.web.reactive.function.server.RequestPredicates.POST;
import static org.springframework.web.reactive.function.server.RequestPredicates.path;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.HandlerStrategies;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The index chooses whom the sources would have chosen one after the other. */
class RouteIndexTest {

    private static final List<RouterFunction<ServerResponse>> SOURCES = List.of(
            route(GET("/a/{name}")),
            RouterFunctions.route()
                    .add(route(POST("/write")))
                    .add(route(GET("/a/b")))
                    .build(),
            route(path("/write")),
            route(path("/c").or(path("/d"))),
            route(path("/e").and(RequestPredicates.queryParam("x", "1"))),
            RouterFunctions.nest(path("/nested"), route(GET("/a"))),
            route(RequestPredicates.method(HttpMethod.DELETE)),
            route(path("/f").negate().and(RequestPredicates.method(HttpMethod.PUT))),
            route(path("/a/b")),
            route(path("/e")));

    private static RouterFunction<ServerResponse> route(RequestPredicate predicate) {
        return RouterFunctions.route(predicate, request -> ServerResponse.ok().build());
    }

    private static ServerRequest request(String method, String target) {
        return ServerRequest.create(
                MockServerWebExchange.from(
                        MockServerHttpRequest.method(HttpMethod.valueOf(method), URI.create(target))),
                HandlerStrategies.withDefaults().messageReaders());
    }

    private static HandlerFunction<ServerResponse> oneAfterTheOther(String method, String target) {
        return SOURCES.stream()
                .map(source -> source.route(request(method, target)))
                .reduce(Mono::switchIfEmpty)
                .orElseThrow()
                .block();
    }

    @Test
    void whoIsChosenIsTheSame() {
        RouteIndex index = new RouteIndex(SOURCES);
        int chosen = 0;
        for (String method : List.of("GET", "POST", "PUT", "DELETE")) {
            for (String target : List.of(
                    "/write",
                    "/write?db=d",
                    "/write/",
                    "/%77rite",
                    "/write;x=1",
                    "//write",
                    "/a/b",
                    "/a/c",
                    "/c",
                    "/d",
                    "/e",
                    "/e?x=1",
                    "/f",
                    "/nested/a",
                    "/nowhere",
                    "/")) {
                HandlerFunction<ServerResponse> expected = oneAfterTheOther(method, target);
                assertThat(index.route(request(method, target)).block())
                        .as("%s %s", method, target)
                        .isSameAs(expected);
                chosen += expected == null ? 0 : 1;
            }
        }
        assertThat(chosen).isBetween(30, 60);
    }

    @Test
    void onlyWhoMayTakeAPathIsAsked() {
        RouterFunction<ServerResponse> untouched = new Plain(path("/other"));
        RouteIndex index = new RouteIndex(List.of(untouched, route(path("/write"))));
        assertThat(index.route(request("POST", "/write")).block()).isNotNull();
    }

    /** Says what it is for, and fails when it is asked. */
    private record Plain(RequestPredicate predicate) implements RouterFunction<ServerResponse> {

        @Override
        public Mono<HandlerFunction<ServerResponse>> route(ServerRequest request) {
            throw new AssertionError("asked for " + request.path());
        }

        @Override
        public void accept(RouterFunctions.Visitor visitor) {
            visitor.route(predicate, request -> ServerResponse.ok().build());
        }
    }
}
