package io.weir.standalone.server;

import io.weir.standalone.cli.BuildVersion;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Tells that the server answers. It listens only after the log was replayed, so an answer also means ready; what the
 * answer says of the parts comes later.
 */
final class HealthRoutes {

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/health", HealthRoutes::up)
                .GET("/health/liveness", HealthRoutes::up)
                .GET("/health/readiness", HealthRoutes::up)
                .HEAD("/health", HealthRoutes::up)
                .HEAD("/health/liveness", HealthRoutes::up)
                .HEAD("/health/readiness", HealthRoutes::up)
                .build();
    }

    private static Mono<ServerResponse> up(ServerRequest request) {
        return ServerResponse.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(Map.of("status", "UP", "version", BuildVersion.text()));
    }
}
