package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.error.WeirException;
import io.weir.common.health.HealthCheck;
import io.weir.common.health.HealthSettings;
import io.weir.common.health.HealthWatch;
import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.setup.Stores;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Health does not stay green with credentials that have expired, also while nobody uses the store. LESSONS 48. */
class StoreHealthTest implements ObjectStore {

    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    private final AtomicReference<@Nullable ObjectStoreError> answer = new AtomicReference<>();
    private Optional<Instant> end = Optional.empty();
    private final StoreHealth health = new StoreHealth(
            new Stores(
                    this,
                    (key, bytes) -> Mono.error(new AssertionError()),
                    Path.of("."),
                    Map::of,
                    Map::of,
                    () -> end,
                    () -> {}),
            "s3://bucket",
            () -> null,
            Clock.fixed(NOW, ZoneOffset.UTC));

    @Override
    public Mono<ObjectInfo> head(String key) {
        ObjectStoreError error = answer.get();
        return error == null ? Mono.empty() : Mono.error(new WeirException(error, "403"));
    }

    private HealthWatch watch() {
        return new HealthWatch(
                new HealthSettings(
                        Duration.ofSeconds(5),
                        Set.of("credentials"),
                        3,
                        DataSize.ofMegabytes(1),
                        Duration.ofSeconds(60)),
                List.of(
                        new HealthCheck("store", health.answers()),
                        HealthCheck.of("credentials", health::credentialsProblem)));
    }

    @Test
    void aStoreThatRefusesMakesTheServerNotReadyWithinMinutes() {
        VirtualTimeScheduler timer = VirtualTimeScheduler.create();
        HealthWatch watch = watch();
        watch.start(timer);
        timer.advanceTimeBy(Duration.ofMinutes(5));
        assertThat(watch.isReady()).isTrue();
        assertThat(watch.isWell()).isTrue();
        answer.set(ObjectStoreError.OBJECT_STORE_REFUSED);
        timer.advanceTimeBy(Duration.ofMinutes(3));
        assertThat(watch.isReady()).isFalse();
        assertThat(watch.status().get("credentials").problem()).contains("s3://bucket refuses", "expired");
        answer.set(null);
        timer.advanceTimeBy(Duration.ofMinutes(3));
        assertThat(watch.isReady()).isTrue();
        watch.close();
        timer.dispose();
    }

    @Test
    void aStoreThatDoesNotAnswerIsToldAndRowsGoOnIntoTheLog() {
        VirtualTimeScheduler timer = VirtualTimeScheduler.create();
        HealthWatch watch = watch();
        answer.set(ObjectStoreError.OBJECT_STORE_TIMEOUT);
        watch.start(timer);
        timer.advanceTimeBy(Duration.ofMinutes(10));
        assertThat(watch.isReady()).isTrue();
        assertThat(watch.status().get("store").ok()).isFalse();
        watch.close();
        timer.dispose();
    }

    @Test
    void anObjectThatIsMissingIsAnAnswer() {
        answer.set(ObjectStoreError.OBJECT_MISSING);
        StepVerifier.create(health.answers()).verifyComplete();
    }

    @Test
    void credentialsThatEndedAreAProblemAndTheirTimeIsAMetric() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        health.bindTo(registry);
        assertThat(registry.get("weir.store.credentials.left").gauge().value()).isNaN();
        end = Optional.of(NOW.plusSeconds(90));
        assertThat(registry.get("weir.store.credentials.left").gauge().value()).isEqualTo(90);
        assertThat(health.credentialsProblem()).isEmpty();
        assertThat(registry.get("weir.store.denied").gauge().value()).isZero();
        end = Optional.of(NOW.minusSeconds(1));
        assertThat(health.credentialsProblem()).contains("ended at 2026-02-28T23:59:59Z");
        assertThat(registry.get("weir.store.denied").gauge().value()).isEqualTo(1);
    }

    @Override
    public Mono<ObjectInfo> put(String key, Path file) {
        throw new AssertionError();
    }

    @Override
    public Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content) {
        throw new AssertionError();
    }

    @Override
    public Flux<ByteBuffer> read(String key, long offset, long length) {
        throw new AssertionError();
    }

    @Override
    public Flux<ObjectInfo> list(String prefix, String after) {
        throw new AssertionError();
    }

    @Override
    public Mono<Void> remove(String key) {
        throw new AssertionError();
    }

    @Override
    public Flux<NotRemoved> removeAll(Collection<String> keys) {
        throw new AssertionError();
    }
}
