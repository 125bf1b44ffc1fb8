package io.weir.common.health;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Checks the parts that a server needs, each on its own and again and again, so that whoever asks how they are is answered at
 * once and costs nothing. A check that fails is repeated later and later, up to a minute, and counted. Thread-safe; never
 * blocks.
 */
public final class HealthWatch implements MeterBinder, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    private static final Duration LONGEST_CHECK = Duration.ofSeconds(10);

    private final HealthSettings settings;
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private final Disposable.Composite running = Disposables.composite();

    /**
     * How a part is.
     *
     * @param ok whether its latest check succeeded; true before the first
     * @param failures checks in a row that failed
     * @param problem what the latest said; null when it is ok
     * @param required whether the server is not ready without it
     */
    public record Status(boolean ok, int failures, @Nullable String problem, boolean required) {}

    /** A watch that has not begun. */
    public HealthWatch(HealthSettings settings, List<HealthCheck> checks) {
        this.settings = settings;
        checks.forEach(check -> {
            if (parts.put(check.name(), new Part(check, settings.required().contains(check.name()))) != null) {
                throw new IllegalArgumentException("two health checks have one name: " + check.name());
            }
        });
    }

    /**
     * Checks each part now, and from now on.
     *
     * @param timer where pauses are waited for; never blocked
     */
    public void start(Scheduler timer) {
        parts.values()
                .forEach(part -> running.add(part.check
                        .question()
                        .timeout(LONGEST_CHECK, timer)
                        .doOnSuccess(nothing -> part.succeeded())
                        .onErrorResume(e -> Mono.fromRunnable(() -> part.failed(e)))
                        .then(Mono.defer(() -> Mono.delay(part.pause(), timer)))
                        .repeat()
                        .subscribe(tick -> {}, e -> LOG.error("{} is not checked any more", part.check.name(), e))));
    }

    /** How the parts are, in order. */
    public Map<String, Status> status() {
        Map<String, Status> status = new LinkedHashMap<>();
        parts.forEach((name, part) -> status.put(name, part.status));
        return status;
    }

    /** Whether every required part has answered lately. */
    public boolean isReady() {
        return parts.values().stream()
                .map(part -> part.status)
                .noneMatch(status -> status.required() && status.failures() > settings.failures());
    }

    /** Whether every part answered the latest time. */
    public boolean isWell() {
        return parts.values().stream().allMatch(part -> part.status.ok());
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("weir.health.ready", this, of -> of.isReady() ? 1 : 0)
                .description("1 while the server is ready")
                .register(registry);
        parts.forEach((name, part) -> {
            Gauge.builder("weir.health.failures.in.a.row", part, of -> of.status.failures())
                    .description("checks in a row that failed")
                    .tag("check", name)
                    .register(registry);
            FunctionCounter.builder("weir.health.checks", part, of -> of.checks)
                    .description("checks")
                    .tag("check", name)
                    .register(registry);
        });
    }

    @Override
    public void close() {
        running.dispose();
    }

    /** One part; only its own check writes. */
    private final class Part {

        private final HealthCheck check;
        private volatile Status status;
        private volatile long checks;

        Part(HealthCheck check, boolean required) {
            this.check = check;
            this.status = new Status(true, 0, null, required);
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
        void succeeded() {
            checks++;
            if (status.failures() > settings.failures()) {
                LOG.info("{} is well again", check.name());
            }
            status = new Status(true, 0, null, status.required());
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
        void failed(Throwable failure) {
            checks++;
            String problem = sentence(failure);
            int failures = status.failures() + 1;
            if (failures == settings.failures() + 1) {
                LOG.warn("{} has failed {} checks in a row: {}", check.name(), failures, problem);
            }
            status = new Status(false, failures, problem, status.required());
        }

        /** A little less or more than the interval, so that parts and replicas do not keep step; longer after failures. */
        Duration pause() {
            long millis = settings.interval().toMillis();
            long grown =
                    Math.min(Math.max(millis, LONGEST_PAUSE.toMillis()), millis << Math.min(status.failures(), 10));
            return Duration.ofMillis(
                    Math.round(grown * ThreadLocalRandom.current().nextDouble(0.9, 1.1)));
        }
    }

    private static String sentence(Throwable failure) {
        if (failure instanceof WeirException weir) {
            return weir.code() == CommonError.INTERNAL ? "an unexpected error" : weir.detail();
        }
        if (failure instanceof TimeoutException) {
            return "no answer within " + LONGEST_CHECK.toSeconds() + " s";
        }
        return String.valueOf(failure.getMessage());
    }
}
