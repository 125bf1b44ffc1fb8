package io.weir.common.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * The paths that the routes of one source ask for, as far as they are of the plain kind: a path, and whatever else besides. A source
 * with a route of any other kind may take every path.
 */
final class RoutePaths implements RouterFunctions.Visitor {

    private final List<PathPattern> patterns = new ArrayList<>();
    private boolean anything;

    private RoutePaths() {}

    static RoutePaths of(RouterFunction<?> source) {
        RoutePaths paths = new RoutePaths();
        source.accept(paths);
        return paths;
    }

    /** Paths that a route names letter for letter. */
    List<String> literals() {
        return patterns.stream()
                .filter(pattern -> !pattern.hasPatternSyntax())
                .map(PathPattern::getPatternString)
                .toList();
    }

    boolean mayTake(PathContainer path) {
        return anything || patterns.stream().anyMatch(pattern -> pattern.matches(path));
    }

    @Override
    public void route(RequestPredicate predicate, HandlerFunction<?> handler) {
        PathOf plain = new PathOf();
        predicate.accept(plain);
        String path = plain.path;
        if (path == null || plain.other) {
            anything = true;
        } else {
            patterns.add(PathPatternParser.defaultInstance.parse(path));
        }
    }

    @Override
    public void startNested(RequestPredicate predicate) {
        anything = true;
    }

    @Override
    public void endNested(RequestPredicate predicate) {}

    @Override
    public void resources(Function<ServerRequest, Mono<Resource>> lookup) {
        anything = true;
    }

    @Override
    public void attributes(Map<String, Object> attributes) {}

    @Override
    public void unknown(RouterFunction<?> source) {
        anything = true;
    }

    /** The path of a predicate that holds for none but requests with it. */
    private static final class PathOf implements RequestPredicates.Visitor {

        private @Nullable String path;
        private boolean other;

        @Override
        public void path(String pattern) {
            path = pattern;
        }

        @Override
        public void startOr() {
            other = true;
        }

        @Override
        public void startNegate() {
            other = true;
        }

        @Override
        public void unknown(RequestPredicate predicate) {
            other = true;
        }

        @Override
        public void method(Set<HttpMethod> methods) {}

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
        public void or() {}

        @Override
        public void endOr() {}

        @Override
        public void endNegate() {}
    }
}
