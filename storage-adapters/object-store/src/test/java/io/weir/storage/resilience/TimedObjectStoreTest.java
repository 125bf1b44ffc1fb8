package io.weir.storage.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class TimedObjectStoreTest extends ObjectStoreContract {

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private TimedObjectStore store;

    @BeforeEach
    void open() throws IOException {
        store = new TimedObjectStore(
                new LocalObjectStore(Files.createDirectory(directory.resolve("objects")), schedulers.io()), registry);
    }

    @AfterEach
    void close() {
        schedulers.close();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    private long count(String operation, String outcome) {
        return registry.get("weir.store.attempts")
                .tag("operation", operation)
                .tag("outcome", outcome)
                .timer()
                .count();
    }

    @Test
    void everyCallIsCountedByWhatItWasAndHowItEnded() throws IOException {
        put("o", bytes(10));
        assertThat(read("o", 0, 10)).isEqualTo(bytes(10));
        store.list("").collectList().block(Duration.ofSeconds(10));
        StepVerifier.create(store.read("missing", 0, 1)).verifyError();
        store.remove("o").block(Duration.ofSeconds(10));
        assertThat(count("write", "ok")).isEqualTo(1);
        assertThat(count("read", "ok")).isEqualTo(1);
        assertThat(count("read", "object-missing")).isEqualTo(1);
        assertThat(count("list", "ok")).isEqualTo(1);
        assertThat(count("remove", "ok")).isEqualTo(1);
    }
}
