package io.weir.storage.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.schedule.WeirSchedulers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class LocalObjectStoreTest extends ObjectStoreContract {

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private LocalObjectStore store;
    private Path root;

    @BeforeEach
    void open() throws IOException {
        root = Files.createDirectory(directory.resolve("objects"));
        store = new LocalObjectStore(root, schedulers.io());
    }

    @AfterEach
    void close() {
        schedulers.close();
    }

    @Override
    ObjectStore store() {
        return store;
    }

    @Test
    void aKeyCannotLeaveTheRoot() throws IOException { // LESSONS 59
        Path outside = Files.write(directory.resolve("secret"), new byte[] {1});
        StepVerifier.create(store.localFile("../secret")).verifyError(IllegalArgumentException.class);
        StepVerifier.create(store.remove("../secret")).verifyError(IllegalArgumentException.class);
        assertThat(outside).exists();
    }

    @Test
    void thePutFileIsTakenOver() throws IOException {
        Path file = file(bytes(10));
        store.put("taken", file).block(Duration.ofSeconds(10));
        assertThat(file).doesNotExist();
        assertThat(store.localFile("taken").block(Duration.ofSeconds(10))).isEqualTo(root.resolve("taken"));
    }
}
