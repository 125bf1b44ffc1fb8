package io.weir.common.http;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.List;
import java.util.Map;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Answers 405 where a path exists but not for the method asked for, to those who have a token; to stand behind the routes
 * of those paths.
 */
public final class MethodGuard {

    private MethodGuard() {}

    /** Guards those paths, which take those methods. */
    public static RouterFunction<ServerResponse> of(List<String> methods, String... paths) {
        RouterFunctions.Builder routes = RouterFunctions.route();
        for (String path : paths) {
            routes.route(
                    RequestPredicates.path(path),
                    Access.ANY_TOKEN.to(request -> Mono.error(new WeirException(
                            CommonError.METHOD_NOT_ALLOWED,
                            path + " does not take " + request.method() + " (expected: " + String.join(" or ", methods)
                                    + ")",
                            Map.of("allow", methods)))));
        }
        return routes.build();
    }
}
