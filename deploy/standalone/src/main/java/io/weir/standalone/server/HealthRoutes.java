package io.weir.standalone.server;

import io.weir.ingest.mqtt.MqttStatus;
import io.weir.ingest.mqtt.MqttSubscriber;
import io.weir.standalone.cli.BuildVersion;
import io.weir.storage.catalog.CatalogHealth;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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

    private final Supplier<@Nullable MqttSubscriber> mqtt;
    private final Supplier<Map<String, String>> objectStore;
    private final Supplier<Mono<CatalogHealth.Status>> catalog;

    /**
     * Routes that tell of those parts.
     *
     * @param mqtt gives the subscriber, or null when there is none
     * @param objectStore state of each breaker of a remote store; empty when it is local
     * @param catalog asks the catalog
     */
    HealthRoutes(
            Supplier<@Nullable MqttSubscriber> mqtt,
            Supplier<Map<String, String>> objectStore,
            Supplier<Mono<CatalogHealth.Status>> catalog) {
        this.mqtt = mqtt;
        this.objectStore = objectStore;
        this.catalog = catalog;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/health", this::up)
                .GET("/health/liveness", request -> answer(parts()))
                .GET("/health/readiness", this::up)
                .HEAD("/health", this::up)
                .HEAD("/health/liveness", request -> answer(parts()))
                .HEAD("/health/readiness", this::up)
                .build();
    }

    private Mono<ServerResponse> up(ServerRequest request) {
        return catalog.get().flatMap(status -> {
            Map<String, Object> health = parts();
            health.put("catalog", status);
            return answer(health);
        });
    }

    private static Mono<ServerResponse> answer(Map<String, Object> health) {
        return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(health);
    }

    /**
     * A broker, an object store or a catalog that is away is told, but it does not make the server unhealthy: a restart would
     * not bring it back.
     */
    private Map<String, Object> parts() {
        Map<String, Object> health = new LinkedHashMap<>();
        health.put("status", "UP");
        health.put("version", BuildVersion.text());
        MqttSubscriber subscriber = mqtt.get();
        if (subscriber != null) {
            MqttStatus status = subscriber.status();
            health.put("mqtt", Map.of("state", status.state(), "ok", status.problem() == null));
        }
        Map<String, String> breakers = objectStore.get();
        if (!breakers.isEmpty()) {
            health.put("objectStore", Map.of("ok", !breakers.containsValue("open"), "breakers", breakers));
        }
        return health;
    }
}
