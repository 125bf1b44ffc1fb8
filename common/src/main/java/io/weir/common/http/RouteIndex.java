package io.weir.common.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.server.PathContainer;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Routes by the path a request was sent with: where a route is for just that path, only the sources with a route for it are asked, in
 * their order, and all of them otherwise. Who is chosen is the same as without it. A write is thus not compared with
 * every route there is. Immutable.
 */
final class RouteIndex implements RouterFunction<ServerResponse> {

    private final RouterFunction<ServerResponse> all;
    private final Map<String, RouterFunction<ServerResponse>> byPath = new HashMap<>();

    /**
     * An index.
     *
     * @param sources in the order in which they are asked; at least one
     */
    RouteIndex(List<RouterFunction<ServerResponse>> sources) {
        all = joined(sources);
        List<RoutePaths> paths = sources.stream().map(RoutePaths::of).toList();
        for (RoutePaths source : paths) {
            for (String path : source.literals()) {
                byPath.computeIfAbsent(path, literal -> joined(thatMayTake(literal, sources, paths)));
            }
        }
    }

    private static List<RouterFunction<ServerResponse>> thatMayTake(
            String path, List<RouterFunction<ServerResponse>> sources, List<RoutePaths> paths) {
        PathContainer parsed = PathContainer.parsePath(path);
        List<RouterFunction<ServerResponse>> takers = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            if (paths.get(i).mayTake(parsed)) {
                takers.add(sources.get(i));
            }
        }
        return takers;
    }

    private static RouterFunction<ServerResponse> joined(List<RouterFunction<ServerResponse>> sources) {
        return sources.stream().reduce(RouterFunction::and).orElseThrow();
    }

    @Override
    public Mono<HandlerFunction<ServerResponse>> route(ServerRequest request) {
        return byPath.getOrDefault(request.uri().getRawPath(), all).route(request);
    }
}
