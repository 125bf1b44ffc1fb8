package io.weir.storage.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.WeirException;
import io.weir.common.schedule.WeirSchedulers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    /** What was synced, in order, and whether the object had its name by then. */
    private static final class Recording implements DiskSync {
        private final List<String> calls = new ArrayList<>();
        private final Path root;
        private final Path target;
        private boolean failing;

        Recording(Path root, String key) {
            this.root = root;
            this.target = root.resolve(key);
        }

        @Override
        public void file(Path file) throws IOException {
            calls.add("file" + (Files.exists(target) ? " too late" : ""));
            DiskSync.FSYNC.file(file);
        }

        @Override
        public void directory(Path directory) throws IOException {
            if (failing) {
                throw new IOException("injected: directory sync fails");
            }
            calls.add("/" + root.relativize(directory) + (Files.exists(target) ? "" : " too early"));
            DiskSync.FSYNC.directory(directory);
        }
    }

    @Test
    void contentThenEveryNewNameIsOnDiskBeforeAPutCompletes() throws IOException { // invariant 1
        Recording disk = new Recording(root, "a/b/c/1");
        LocalObjectStore recorded = new LocalObjectStore(root, schedulers.io(), disk);
        recorded.put("a/b/c/1", file(bytes(10))).block(Duration.ofSeconds(10));
        assertThat(disk.calls).containsExactly("file", "/a/b/c", "/a/b", "/a", "/");
        disk.calls.clear();
        recorded.put("a/b/c/2", file(bytes(10))).block(Duration.ofSeconds(10));
        assertThat(disk.calls).hasSize(2).last().isEqualTo("/a/b/c");
    }

    @Test
    void aPutWhoseNameMayNotBeOnDiskFailsAndTheNextOneSyncsIt() throws IOException { // LESSONS 15
        Recording disk = new Recording(root, "a/b/1");
        LocalObjectStore recorded = new LocalObjectStore(root, schedulers.io(), disk);
        disk.failing = true;
        StepVerifier.create(recorded.put("a/b/1", file(bytes(10))))
                .expectErrorSatisfies(
                        e -> assertThat(((WeirException) e).code()).isEqualTo(ObjectStoreError.OBJECT_STORE_FAILED))
                .verify(Duration.ofSeconds(10));
        disk.failing = false;
        disk.calls.clear();
        StepVerifier.create(recorded.put("a/b/1", file(bytes(10))))
                .expectErrorSatisfies(
                        e -> assertThat(((WeirException) e).code()).isEqualTo(ObjectStoreError.OBJECT_EXISTS))
                .verify(Duration.ofSeconds(10));
        assertThat(disk.calls).contains("/a/b", "/a", "/");
    }

    @Test
    void whatIsStillAskedForIsRememberedAndTheRestIsBounded() {
        RecentPaths recent = new RecentPaths(100);
        Path always = Path.of("always");
        recent.add(always);
        for (int i = 0; i < 10_000; i++) {
            assertThat(recent.contains(always)).isTrue();
            recent.add(Path.of("p" + i));
            assertThat(recent.size()).isLessThanOrEqualTo(202);
        }
        assertThat(recent.contains(Path.of("p0"))).isFalse();
    }
}
