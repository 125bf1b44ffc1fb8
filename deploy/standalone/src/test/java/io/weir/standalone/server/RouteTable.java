package io.weir.standalone.server;

import io.weir.common.http.Access;
import io.weir.common.http.GuardedHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** The routes of a server and who may use them, as the router itself has them. LESSONS 56. */
final class RouteTable implements RouterFunctions.Visitor {

    private final List<Route> routes = new ArrayList<>();

    /**
     * One route.
     *
     * @param method its method; empty for one that takes any, which only refuses methods
     * @param path its pattern
     * @param access who may use it; null when it does not say
     */
    record Route(String method, String path, @Nullable Access access) {

        /** A path that the pattern matches. */
        String sample() {
            return path.replaceAll("\\{[^}]*}", "abc");
        }
    }

    static List<Route> of(List<RouterFunction<?>> functions) {
        RouteTable table = new RouteTable();
        functions.forEach(function -> function.accept(table));
        return List.copyOf(table.routes);
    }

    private static final class Predicate implements RequestPredicates.Visitor {
        private String method = "";
        private String path = "";

        @Override
        public void method(Set<HttpMethod> methods) {
            method = methods.iterator().next().name();
        }

        @Override
        public void path(String pattern) {
            path = pattern;
        }

        @Override
        @SuppressWarnings("removal")
        public void pathExtension(String extension) {}

        @Override
        public void version(String version) {}

        @Override
        public void header(String name, String value) {}

        @Override
        public void queryParam(String name, String value) {}

        @Override
        public void startAnd() {}

        @Override
        public void and() {}

        @Override
        public void endAnd() {}

        @Override
        public void startOr() {}

        @Override
        public void or() {}

        @Override
        public void endOr() {}

        @Override
        public void startNegate() {}

        @Override
        public void endNegate() {}

        @Override
        public void unknown(RequestPredicate predicate) {
            throw new AssertionError("a route of another kind: " + predicate);
        }
    }

    @Override
    public void startNested(RequestPredicate predicate) {
        throw new AssertionError("a nested route: " + predicate);
    }

    @Override
    public void endNested(RequestPredicate predicate) {}

    @Override
    public void route(RequestPredicate predicate, HandlerFunction<?> handler) {
        Predicate read = new Predicate();
        predicate.accept(read);
        routes.add(
                new Route(read.method, read.path, handler instanceof GuardedHandler guarded ? guarded.access() : null));
    }

    @Override
    public void resources(Function<ServerRequest, Mono<Resource>> lookup) {
        throw new AssertionError("resources that nothing guards");
    }

    @Override
    public void attributes(Map<String, Object> attributes) {}

    @Override
    public void unknown(RouterFunction<?> function) {
        throw new AssertionError("routes of another kind: " + function);
    }
}
