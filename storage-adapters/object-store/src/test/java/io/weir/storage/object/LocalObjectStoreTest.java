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
    protected ObjectStore store() {
        return store;
    }

    @Test
    void aKeyCannotLeaveTheRoot() throws IOException { // LESSONS 59
        Path outside = Files.write(directory.resolve("secret"), new byte[] {1});
        StepVerifier.create(store.open("../secret", 1)).verifyError(IllegalArgumentException.class);
        StepVerifier.create(store.remove("../secret")).verifyError(IllegalArgumentException.class);
        StepVerifier.create(store.list("../")).verifyError(IllegalArgumentException.class);
        StepVerifier.create(store.read(".incoming/x", 0, 1)).verifyError(IllegalArgumentException.class);
        StepVerifier.create(store.put("../made", chunks(new byte[10], 10))).verifyError(IllegalArgumentException.class);
        assertThat(outside).exists();
        assertThat(directory.resolve("made")).doesNotExist();
    }

    @Test
    void aFileForReadersIsTheObjectItself() throws IOException {
        put("o", bytes(10));
        try (PinnedFile file = store.open("o", 10).block(Duration.ofSeconds(10))) {
            assertThat(file.path()).isEqualTo(root.resolve("o")).hasBinaryContent(bytes(10));
        }
        assertThat(root.resolve("o")).exists();
        StepVerifier.create(store.open("o", 11))
                .expectErrorMessage("object o has 10 bytes (expected: 11)")
                .verify(Duration.ofSeconds(10));
        StepVerifier.create(store.open("none", 1))
                .expectErrorSatisfies(
                        e -> assertThat(ObjectStoreError.OBJECT_MISSING.is(e)).isTrue())
                .verify(Duration.ofSeconds(10));
    }

    @Test
    void directoriesGoWithTheirLastObjectAndAreSyncedWhenTheyComeBack() throws IOException { // LESSONS 50
        Recording disk = new Recording(root, "a/b/c/1");
        LocalObjectStore recorded = new LocalObjectStore(root, schedulers.io(), disk);
        recorded.put("a/b/c/1", file(bytes(10))).block(Duration.ofSeconds(10));
        recorded.put("a/x", file(bytes(10))).block(Duration.ofSeconds(10));
        recorded.remove("a/b/c/1").block(Duration.ofSeconds(10));
        assertThat(root.resolve("a/b")).doesNotExist();
        assertThat(root.resolve("a/x")).exists();
        disk.calls.clear();
        recorded.put("a/b/c/1", file(bytes(10))).block(Duration.ofSeconds(10));
        assertThat(disk.calls).contains("/a/b/c", "/a/b", "/a").doesNotContain("/");
    }

    @Test
    void putsAndRemovalsOfOneDirectoryDoNotDisturbEachOther() throws IOException {
        for (int round = 0; round < 50; round++) {
            List<Path> files = new ArrayList<>();
            for (int n = 0; n < 8; n++) {
                files.add(file(new byte[] {(byte) n}));
            }
            int now = round;
            reactor.core.publisher.Flux.range(0, 8)
                    .flatMap(n -> store.put("d/" + now % 2 + "/e/" + n, files.get(n))
                            .then(store.remove("d/" + now % 2 + "/e/" + n)))
                    .blockLast(Duration.ofSeconds(20));
        }
        assertThat(listed("")).isEmpty();
    }

    @Test
    void whatInterruptedStreamsLeftIsSweptAndNeverListed() throws IOException {
        Files.write(Files.createDirectories(root.resolve(".incoming")).resolve("left"), new byte[3]);
        put("o", bytes(1));
        assertThat(listed("")).containsExactly("o");
        assertThat(store.sweep().block(Duration.ofSeconds(10))).isEqualTo(1);
        assertThat(store.sweep().block(Duration.ofSeconds(10))).isZero();
        assertThat(root.resolve(".incoming")).isEmptyDirectory();
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
