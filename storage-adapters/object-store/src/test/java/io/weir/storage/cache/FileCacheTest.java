package io.weir.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.error.WeirException;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.PinnedFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class FileCacheTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int SIZE = 100_000;
    private static final long LIMIT = 5L * SIZE;

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private CountingStore store;
    private Path cached;
    private FileCache cache;

    @TempDir
    Path directory;

    @BeforeEach
    void open() throws IOException {
        store = new CountingStore(
                new LocalObjectStore(Files.createDirectory(directory.resolve("objects")), schedulers.io()));
        cached = directory.resolve("cache");
        for (int n = 0; n < 10; n++) {
            store.put("k" + n, Flux.just(ByteBuffer.wrap(content(n)))).block(PATIENCE);
        }
        cache = FileCache.open(cached, LIMIT, store, schedulers.io(), registry);
    }

    @AfterEach
    void close() {
        schedulers.close();
    }

    private static byte[] content(int n) {
        byte[] bytes = new byte[SIZE];
        new Random(n).nextBytes(bytes);
        return bytes;
    }

    private PinnedFile pinned(int n) {
        return cache.open("k" + n, SIZE).block(PATIENCE);
    }

    private void use(int n) {
        try (PinnedFile file = pinned(n)) {
            assertThat(file.path()).hasBinaryContent(content(n));
        }
    }

    private List<Path> files() {
        try (Stream<Path> paths = Files.list(cached)) {
            return paths.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private double count(String name) {
        return registry.get(name).counter().count();
    }

    @Test
    void howeverManyWaitAFileIsDownloadedOnce() { // LESSONS 50
        Sinks.Empty<Void> gate = Sinks.empty();
        store.gate = gate.asMono();
        Mono<List<PinnedFile>> all =
                Flux.range(0, 50).flatMap(n -> cache.open("k1", SIZE), 50).collectList();
        var result = all.toFuture();
        Awaitility.await().atMost(PATIENCE).until(() -> store.reads.get() == 1);
        gate.tryEmitEmpty();
        List<PinnedFile> pins = Mono.fromFuture(result).block(PATIENCE);
        assertThat(pins).hasSize(50).allSatisfy(pin -> assertThat(pin.path()).hasBinaryContent(content(1)));
        pins.forEach(PinnedFile::close);
        use(1);
        assertThat(store.reads).hasValue(1);
        assertThat(count("weir.cache.downloads")).isEqualTo(1);
        assertThat(count("weir.cache.hits")).isEqualTo(50);
    }

    @Test
    void theFileUnusedForLongestMakesSpace() {
        for (int n : new int[] {0, 1, 2, 3, 4, 0, 5}) { // 0 was used again, so 1 goes
            use(n);
        }
        assertThat(files()).hasSize(5);
        assertThat(cache.usedBytes()).isEqualTo(LIMIT);
        assertThat(count("weir.cache.evictions")).isEqualTo(1);
        store.reads.set(0);
        use(0);
        assertThat(store.reads).hasValue(0);
        use(1);
        assertThat(store.reads).hasValue(1);
        assertThat(registry.get("weir.cache.used").gauge().value()).isEqualTo(LIMIT);
        assertThat(registry.get("weir.cache.limit").gauge().value()).isEqualTo(LIMIT);
    }

    @Test
    void aPinnedFileStaysAndWhatDoesNotFitBesideIsRefused() {
        List<PinnedFile> pins = new ArrayList<>();
        for (int n = 0; n < 5; n++) {
            pins.add(pinned(n));
        }
        assertThat(failure(cache.open("k5", SIZE))).isEqualTo(ObjectStoreError.OBJECT_STORE_BUSY);
        pins.get(2).close();
        pins.get(2).close(); // again does nothing
        use(5);
        for (int n : new int[] {0, 1, 3, 4}) {
            assertThat(pins.get(n).path()).hasBinaryContent(content(n));
        }
        assertThat(pins.get(2).path()).doesNotExist();
        assertThat(failure(cache.open("k6", LIMIT + 1))).isEqualTo(ObjectStoreError.OBJECT_STORE_BUSY);
    }

    @Test
    void whatIsThereAtStartIsUsedOnAndStrangersAreRemoved() throws IOException {
        use(1);
        use(2);
        Files.write(cached.resolve(".incoming-torn"), new byte[10]);
        Files.write(cached.resolve("stranger"), new byte[10]);
        store.reads.set(0);
        cache = FileCache.open(cached, LIMIT, store, schedulers.io(), new SimpleMeterRegistry());
        assertThat(files()).hasSize(2);
        assertThat(cache.usedBytes()).isEqualTo(2 * SIZE);
        use(1);
        use(2);
        assertThat(store.reads).hasValue(0);
    }

    @Test
    void aFileThatWasDamagedWhileNobodyRanIsFetchedAgain() throws IOException {
        use(1);
        Path file = files().get(0);
        byte[] damaged = content(1);
        damaged[77]++;
        Files.write(file, damaged);
        cache = FileCache.open(cached, LIMIT, store, schedulers.io(), new SimpleMeterRegistry());
        use(1);
        assertThat(store.reads).hasValue(2);
        assertThat(files()).hasSize(1);
    }

    @Test
    void aSmallerCacheKeepsTheLatestFiles() throws IOException {
        for (int n = 0; n < 5; n++) {
            use(n);
        }
        cache = FileCache.open(cached, 2L * SIZE, store, schedulers.io(), new SimpleMeterRegistry());
        assertThat(files()).hasSize(2);
        assertThat(cache.usedBytes()).isEqualTo(2L * SIZE);
    }

    @Test
    void contentThatIsNotWhatWasPutIsNeverShown() {
        store.damaging = true;
        assertThat(failure(cache.open("k1", SIZE))).isEqualTo(ObjectStoreError.OBJECT_DAMAGED);
        assertThat(failure(cache.open("k1", SIZE + 1))).isEqualTo(ObjectStoreError.OBJECT_DAMAGED);
        assertThat(failure(cache.open("none", SIZE))).isEqualTo(ObjectStoreError.OBJECT_MISSING);
        assertThat(files()).isEmpty();
        assertThat(cache.usedBytes()).isZero();
        store.damaging = false;
        use(1);
    }

    @Test
    void whoStopsWaitingHoldsNothing() {
        Sinks.Empty<Void> gate = Sinks.empty();
        store.gate = gate.asMono();
        for (int n = 0; n < 5; n++) {
            Disposable waiting = cache.open("k" + n, SIZE).subscribe();
            waiting.dispose();
        }
        gate.tryEmitEmpty();
        Awaitility.await().atMost(PATIENCE).until(() -> failure(cache.open("k9", SIZE)) == null);
    }

    @Test
    void manyReadersOverASmallCacheAlwaysReadWhatWasPut() { // random, against the truth
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Integer> wanted = random.ints(2_000, 0, 10).boxed().toList();
        Flux.fromIterable(wanted)
                .flatMap(
                        n -> cache.open("k" + n, SIZE)
                                .onErrorResume(ObjectStoreError.OBJECT_STORE_BUSY::is, e -> Mono.empty())
                                .publishOn(schedulers.flush())
                                .doOnNext(file -> {
                                    try (file) {
                                        assertThat(file.path()).hasBinaryContent(content(n));
                                    }
                                }),
                        4)
                .blockLast(Duration.ofMinutes(1));
        assertThat(cache.usedBytes()).isLessThanOrEqualTo(LIMIT);
        Awaitility.await().atMost(PATIENCE).until(() -> files().size() <= 5);
    }

    private static ObjectStoreError failure(Mono<PinnedFile> call) {
        return call.doOnNext(PinnedFile::close)
                .then(Mono.<ObjectStoreError>empty())
                .onErrorResume(WeirException.class, e -> Mono.just((ObjectStoreError) e.code()))
                .block(PATIENCE);
    }
}
