package io.weir.storage.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.error.WeirException;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Credentials that expire are told at the first call that they do not open. LESSONS 48. */
class AccessTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(1);
    private final Store bare = new Store();
    private final ResilientObjectStore store = new ResilientObjectStore(
            bare,
            new ResilienceSettings(TimeLimits.defaults(), RetryLimits.defaults(), BreakerLimits.defaults(), 8, 1 << 20),
            schedulers.io(),
            new SimpleMeterRegistry());

    @AfterEach
    void close() {
        schedulers.close();
    }

    private void head() {
        store.head("k").onErrorComplete().block(PATIENCE);
    }

    private void list() {
        store.list("").then().onErrorComplete().block(PATIENCE);
    }

    @Test
    void oneRefusedCallIsTroubleUntilACallOfItsKindIsAnsweredAgain() {
        head();
        assertThat(store.isDenied()).isFalse();
        bare.failure = ObjectStoreError.OBJECT_STORE_REFUSED;
        list();
        assertThat(store.isDenied()).isTrue();
        assertThat(store.states().values())
                .as("one call is too few for a breaker")
                .containsOnly("closed");
        bare.failure = ObjectStoreError.OBJECT_MISSING;
        head();
        assertThat(store.isDenied()).as("it may read and not list").isTrue();
        list();
        assertThat(store.isDenied()).isFalse();
    }

    @Test
    void anObjectThatIsMissingIsNoTrouble() {
        bare.failure = ObjectStoreError.OBJECT_MISSING;
        head();
        assertThat(store.isDenied()).isFalse();
    }

    /** Answers with that failure, or with nothing. */
    private static final class Store implements ObjectStore {

        private volatile @Nullable ObjectStoreError failure;

        private <T> Mono<T> answer() {
            ObjectStoreError code = failure;
            return code == null ? Mono.empty() : Mono.error(new WeirException(code, "injected"));
        }

        @Override
        public Mono<ObjectInfo> head(String key) {
            return answer();
        }

        @Override
        public Flux<ObjectInfo> list(String prefix, String after) {
            return this.<ObjectInfo>answer().flux();
        }

        @Override
        public Mono<ObjectInfo> put(String key, Path file) {
            return answer();
        }

        @Override
        public Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content) {
            return answer();
        }

        @Override
        public Flux<ByteBuffer> read(String key, long offset, long length) {
            return this.<ByteBuffer>answer().flux();
        }

        @Override
        public Mono<Void> remove(String key) {
            return answer();
        }

        @Override
        public Flux<NotRemoved> removeAll(Collection<String> keys) {
            return this.<NotRemoved>answer().flux();
        }
    }
}
