package io.weir.standalone.server;

import io.weir.common.health.HealthDetail;
import io.weir.common.health.HealthWatch;
import io.weir.common.http.Access;
import io.weir.common.http.RequestContext;
import io.weir.common.supervise.LoopStatus;
import io.weir.ingest.mqtt.MqttStatus;
import io.weir.ingest.mqtt.MqttSubscriber;
import io.weir.standalone.cli.BuildVersion;
import io.weir.standalone.cli.ServeRole;
import io.weir.storage.catalog.CatalogHealth;
import io.weir.storage.duckdb.EngineStatus;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Tells whether the server is alive, ready, and how its parts are. It listens only after the log was replayed. Alive is
 * answered from memory; ready, from the latest checks of {@link HealthWatch}. 503 means no.
 */
final class HealthRoutes {

    /** Everything that was asked lately answered. */
    private static final String UP = "UP";

    /** Something did not, which the server can do without for a while. */
    private static final String DEGRADED = "DEGRADED";

    /** Something that it cannot do without has not for some time. */
    private static final String DOWN = "DOWN";

    private final ServeRole role;
    private final Supplier<@Nullable MqttSubscriber> mqtt;
    private final Supplier<Map<String, String>> ingestReplicas;
    private final Supplier<Map<String, String>> objectStore;
    private final Supplier<Map<String, Duration>> attemptLimits;
    private final Supplier<@Nullable String> storeProblem;
    private final Supplier<Mono<CatalogHealth.Status>> catalog;
    private final Supplier<@Nullable EngineStatus> engine;
    private final Supplier<List<LoopStatus>> loops;
    private final LongSupplier quarantinedFiles;
    private final HealthWatch watch;
    private final Supplier<Boolean> stuck;
    private final List<HealthDetail> details;

    /**
     * Routes that tell of those parts.
     *
     * @param role which services run here
     * @param mqtt gives the subscriber, or null when there is none
     * @param ingestReplicas state of the breaker of each ingest replica that is asked for hot rows; empty when none is
     * @param objectStore state of each breaker of a remote store; empty when it is local
     * @param attemptLimits time an attempt of each class of calls gets now; empty when it is local
     * @param storeProblem what is wrong with the store since the start, or null
     * @param catalog asks the catalog
     * @param engine how the query engine answers its checks
     * @param loops how the background loops fare
     * @param watch the checks that decide whether the server is ready
     * @param stuck whether an event loop has been stuck for so long that only a restart helps
     * @param details what else is told
     * @param quarantinedFiles how many files are kept out of compaction because they cannot be read
     */
    HealthRoutes(
            ServeRole role,
            Supplier<@Nullable MqttSubscriber> mqtt,
            Supplier<Map<String, String>> ingestReplicas,
            Supplier<Map<String, String>> objectStore,
            Supplier<Map<String, Duration>> attemptLimits,
            Supplier<@Nullable String> storeProblem,
            Supplier<Mono<CatalogHealth.Status>> catalog,
            Supplier<@Nullable EngineStatus> engine,
            Supplier<List<LoopStatus>> loops,
            LongSupplier quarantinedFiles,
            HealthWatch watch,
            Supplier<Boolean> stuck,
            List<HealthDetail> details) {
        this.role = role;
        this.mqtt = mqtt;
        this.ingestReplicas = ingestReplicas;
        this.objectStore = objectStore;
        this.attemptLimits = attemptLimits;
        this.storeProblem = storeProblem;
        this.catalog = catalog;
        this.engine = engine;
        this.loops = loops;
        this.quarantinedFiles = quarantinedFiles;
        this.watch = watch;
        this.stuck = stuck;
        this.details = List.copyOf(details);
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/health", Access.ANY_TOKEN.to(this::up))
                .GET("/health/liveness", Access.PUBLIC.to(this::alive))
                .GET("/health/readiness", Access.PUBLIC.to(this::ready))
                .HEAD("/health", Access.ANY_TOKEN.to(this::up))
                .HEAD("/health/liveness", Access.PUBLIC.to(this::alive))
                .HEAD("/health/readiness", Access.PUBLIC.to(this::ready))
                .build();
    }

    private Mono<ServerResponse> alive(ServerRequest request) {
        boolean dead = stuck.get();
        String status = dead ? DOWN : UP;
        return answer(dead, RequestContext.caller(request).isPresent() ? parts(status) : status(status));
    }

    /** Whether requests should come here. Whoever is not known learns nothing of the parts, and makes nobody be asked. */
    private Mono<ServerResponse> ready(ServerRequest request) {
        boolean ready = watch.isReady();
        return RequestContext.caller(request).isPresent() ? up(request) : answer(!ready, status(ready ? UP : DOWN));
    }

    private Mono<ServerResponse> up(ServerRequest request) {
        return catalog.get().flatMap(status -> {
            boolean ready = watch.isReady();
            Map<String, Object> health = parts(!ready ? DOWN : watch.isWell() ? UP : DEGRADED);
            health.put("catalog", status);
            return answer(!ready, health);
        });
    }

    private static Mono<ServerResponse> answer(boolean down, Map<String, Object> health) {
        return ServerResponse.status(down ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.OK)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(health);
    }

    /**
     * A broker, an object store, a catalog or a Redis that is away is told, but it does not make the server unhealthy: a restart would
     * not bring it back.
     * What is told of a broker, of a store or of breakers does not decide anything: a restart would not bring them back, and
     * the log takes rows meanwhile.
     */
    private Map<String, Object> parts(String overall) {
        Map<String, Object> health = status(overall);
        health.put("version", BuildVersion.text());
        health.put("role", role.toString());
        EngineStatus queries = engine.get();
        if (queries != null) {
            health.put("queryEngine", queries);
        }
        MqttSubscriber subscriber = mqtt.get();
        if (subscriber != null) {
            MqttStatus status = subscriber.status();
            health.put("mqtt", Map.of("state", status.state(), "ok", status.problem() == null));
        }
        Map<String, String> replicas = ingestReplicas.get();
        if (!replicas.isEmpty()) {
            health.put("ingestReplicas", Map.of("ok", !replicas.containsValue("open"), "breakers", replicas));
        }
        Map<String, Object> store = storeHealth();
        if (!store.isEmpty()) {
            health.put("objectStore", store);
        }
        health.put("background", loops.get().stream().map(HealthRoutes::loop).toList());
        health.put(
                "compaction",
                Map.of("ok", quarantinedFiles.getAsLong() == 0, "quarantinedFiles", quarantinedFiles.getAsLong()));
        health.put("checks", watch.status());
        details.forEach(detail -> health.put(detail.name(), detail.values().get()));
        return health;
    }

    private static Map<String, Object> status(String status) {
        Map<String, Object> health = new LinkedHashMap<>();
        health.put("status", status);
        return health;
    }

    private static Map<String, Object> loop(LoopStatus status) {
        Map<String, Object> loop = new LinkedHashMap<>();
        loop.put("name", status.name());
        loop.put("ok", status.failuresInARow() == 0);
        if (status.lastSuccess() != null) {
            loop.put("lastSuccess", status.lastSuccess().toString());
        }
        if (status.failuresInARow() > 0) {
            loop.put("failuresInARow", status.failuresInARow());
            loop.put("problem", String.valueOf(status.problem()));
        }
        return loop;
    }

    private Map<String, Object> storeHealth() {
        Map<String, String> breakers = objectStore.get();
        String problem = storeProblem.get();
        Map<String, Object> health = new LinkedHashMap<>();
        if (!breakers.isEmpty() || problem != null) {
            health.put("ok", problem == null && !breakers.containsValue("open"));
            health.put("breakers", breakers);
            Map<String, Long> millis = new LinkedHashMap<>();
            attemptLimits.get().forEach((operation, limit) -> millis.put(operation, limit.toMillis()));
            health.put("attemptMillis", millis);
        }
        if (problem != null) {
            health.put("problem", problem);
        }
        return health;
    }
}
