package io.weir.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.internal.PlatformDependent;
import io.weir.common.error.WeirException;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreContract;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.resilience.BreakerLimits;
import io.weir.storage.resilience.OperationClass;
import io.weir.storage.resilience.ResilienceSettings;
import io.weir.storage.resilience.ResilientObjectStore;
import io.weir.storage.resilience.RetryLimits;
import io.weir.storage.resilience.TimeLimits;
import io.weir.testing.FaultProxy;
import io.weir.testing.S3Peer;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The contract again through every protection, over a network with latency, and what the protections do. REQUIREMENTS S2, S3, T1, T3. */
class ResilientS3Test extends ObjectStoreContract {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ConnectionLimits LIMITS = new ConnectionLimits(
            20,
            40,
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5));
    /** What caches of the SDK and of Netty may still grow by, whatever the number of calls. */
    private static final long MEMORY_SLACK = 16 << 20;

    private static final ResilienceSettings SETTINGS = new ResilienceSettings(
            new TimeLimits(true, Duration.ofSeconds(5), Duration.ofSeconds(40), 4 << 20),
            new RetryLimits(true, 5, Duration.ofMillis(20), Duration.ofMillis(200)),
            new BreakerLimits(true, 50, 30, 60, 80, Duration.ofSeconds(4), Duration.ofSeconds(1), 3),
            100);

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final S3Peer peer = S3Peer.s3Proxy();
    private final FaultProxy proxy = FaultProxy.inFrontOf(peer.endpoint()).latency(Duration.ofMillis(2));
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private S3ObjectStore bare;
    private ResilientObjectStore store;

    @BeforeEach
    void open() {
        bare = new S3ObjectStore(S3Stores.settings(peer, proxy.url(), LIMITS), schedulers.io());
        store = new ResilientObjectStore(bare, SETTINGS, schedulers.io(), registry);
    }

    @AfterEach
    void close() {
        bare.close();
        proxy.close();
        schedulers.close();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Test
    void aPutThatHappenedAndSeemedToFailSucceeds() throws IOException { // LESSONS 15
        Path file = file(bytes(1_000));
        proxy.commitThenFail("PUT ", 1);
        ObjectInfo put = store.put("k", file).block(PATIENCE);
        assertThat(put.sizeBytes()).isEqualTo(1_000);
        assertThat(file).doesNotExist();
        assertThat(read("k", 0, 1_000)).isEqualTo(bytes(1_000));
        assertThat(registry.get("weir.store.retries")
                        .tag("operation", "write")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aForeignObjectIsNeverTakenForOnesOwn() throws IOException { // LESSONS 15
        put("k", bytes(1_001));
        Path file = file(new byte[1_001]);
        proxy.commitThenFail("PUT ", 1);
        assertThat(failure(store.put("k", file))).isEqualTo(ObjectStoreError.OBJECT_EXISTS);
        assertThat(file).exists();
        assertThat(read("k", 0, 1_001)).isEqualTo(bytes(1_001));
    }

    @Test
    void aReadGoesOnWhereItBrokeOff() throws IOException {
        put("k", bytes(3_000_000));
        for (long at : new long[] {300, 1_000_000, 2_999_000}) {
            proxy.cutAfter(at);
            assertThat(read("k", 17, 2_999_000))
                    .isEqualTo(java.util.Arrays.copyOfRange(bytes(3_000_000), 17, 2_999_017));
        }
        assertThat(registry.get("weir.store.retries")
                        .tag("operation", "read")
                        .counter()
                        .count())
                .isGreaterThanOrEqualTo(3);
    }

    @Test
    void aListingGoesOnWhereItBrokeOff() throws IOException { // LESSONS 21
        List<String> keys = new ArrayList<>();
        for (int n = 0; n < 3 * S3Stores.PAGE_KEYS; n++) {
            keys.add(String.format("x/%03d", n));
            put(keys.get(n), bytes(1));
        }
        for (long at : new long[] {10, 3_000, 6_000}) {
            proxy.cutAfter(at);
            assertThat(listed("x/")).containsExactlyElementsOf(keys);
        }
    }

    @Test
    void aStoreThatAnswersFastIsGivenUpSoonerAndOneThatBecomesSlowerGetsTimeAgain() throws IOException {
        put("k", bytes(10));
        SimpleMeterRegistry figures = new SimpleMeterRegistry();
        Duration most = Duration.ofSeconds(20);
        ResilientObjectStore guarded = new ResilientObjectStore(
                bare,
                new ResilienceSettings(
                        new TimeLimits(true, most, Duration.ofSeconds(60), 4 << 20, true, Duration.ofMillis(100)),
                        new RetryLimits(false, 1, Duration.ofMillis(20), Duration.ofMillis(20)),
                        new BreakerLimits(false, 20, 10, 50, 80, Duration.ofSeconds(4), Duration.ofSeconds(6), 2),
                        100),
                schedulers.io(),
                figures);
        Duration atFirst = guarded.attemptLimits().get(OperationClass.READ);
        assertThat(atFirst).isEqualTo(most);
        Awaitility.await().atMost(PATIENCE).until(() -> {
            guarded.head("k").block(PATIENCE);
            return guarded.attemptLimits().get(OperationClass.READ).compareTo(most.dividedBy(2)) < 0;
        });
        Duration learnt = guarded.attemptLimits().get(OperationClass.READ);
        assertThat(guarded.attemptLimits().get(OperationClass.WRITE)).isEqualTo(most);
        assertThat(figures.get("weir.store.attempt.limit")
                        .tag("operation", "read")
                        .gauge()
                        .value())
                .isEqualTo(learnt.toNanos() / 1e9);
        proxy.stall();
        assertThatThrownBy(() -> guarded.head("k").block(PATIENCE))
                .hasMessageContaining("did not read within " + learnt.toMillis() + " ms");
        proxy.heal().latency(learnt.plusMillis(300));
        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> guarded.head("k").block(PATIENCE).sizeBytes() == 10);
        assertThat(guarded.attemptLimits().get(OperationClass.READ)).isGreaterThan(learnt);
    }

    @Test
    void readsAreRefusedWhenTheirBuffersDoNotFitAndFilesAreStillPut(@TempDir Path directory) throws IOException {
        put("k", bytes(900_000));
        SimpleMeterRegistry figures = new SimpleMeterRegistry();
        ResilientObjectStore guarded =
                new ResilientObjectStore(bare, SETTINGS.withMemory(1 << 20), schedulers.io(), figures);
        proxy.stall();
        List<Disposable> reads = IntStream.range(0, 2)
                .mapToObj(n -> guarded.read("k", 0, 900_000).subscribe(buffer -> {}, e -> {}))
                .toList();
        assertThat(guarded.isShedding()).isTrue();
        assertThat(figures.get("weir.store.memory.used").gauge().value()).isEqualTo(1 << 20);
        for (Mono<?> more :
                List.of(guarded.read("k", 0, 900_000).then(), guarded.put("s", Flux.just(ByteBuffer.allocate(5))))) {
            assertThat(failure(more)).isEqualTo(ObjectStoreError.OBJECT_STORE_BUSY);
        }
        assertThat(figures.get("weir.store.shed").counter().count()).isEqualTo(2);
        proxy.heal();
        Path file = Files.write(directory.resolve("f"), bytes(7));
        assertThat(guarded.put("f", file).block(PATIENCE).sizeBytes()).isEqualTo(7);
        reads.forEach(Disposable::dispose);
        assertThat(guarded.isShedding()).isFalse();
        assertThat(guarded.read("k", 0, 900_000).count().block(PATIENCE)).isPositive();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> figures.get("weir.store.memory.used").gauge().value() == 0);
    }

    @Test
    void aStoreThatHangsOpensTheBreakerAndRecoversByItself() throws IOException { // REQUIREMENTS S3
        put("k", bytes(10));
        SimpleMeterRegistry figures = new SimpleMeterRegistry();
        ResilientObjectStore guarded = new ResilientObjectStore(
                bare,
                new ResilienceSettings(
                        new TimeLimits(true, Duration.ofSeconds(1), Duration.ofSeconds(20), 4 << 20),
                        new RetryLimits(true, 2, Duration.ofMillis(20), Duration.ofMillis(20)),
                        new BreakerLimits(true, 20, 10, 50, 80, Duration.ofSeconds(4), Duration.ofSeconds(6), 2),
                        100),
                schedulers.io(),
                figures);
        proxy.stall();
        long start = System.nanoTime();
        List<ObjectStoreError> failures = Flux.range(0, 60)
                .flatMap(n -> failed(guarded.head("k")), 15)
                .collectList()
                .block(PATIENCE);
        assertThat(failures)
                .hasSize(60)
                .contains(ObjectStoreError.OBJECT_STORE_BUSY)
                .isSubsetOf(ObjectStoreError.OBJECT_STORE_TIMEOUT, ObjectStoreError.OBJECT_STORE_BUSY);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThan(Duration.ofSeconds(6)); // 60 waits of 2 s otherwise
        assertThat(guarded.states().get(OperationClass.READ)).isEqualTo("open");
        assertThat(guarded.states().get(OperationClass.WRITE)).isEqualTo("closed");
        assertThat(breaker(figures, "read")).isEqualTo(3);
        assertThat(failure(guarded.head("k"))).isEqualTo(ObjectStoreError.OBJECT_STORE_BUSY);
        assertThat(figures.get("weir.store.refused")
                        .tag("operation", "read")
                        .counter()
                        .count())
                .isPositive();
        proxy.heal();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> failure(guarded.head("k")) == null && breaker(figures, "read") == 1);
    }

    @Test
    void slowCallsOpenTheBreakerThoughTheySucceed() throws IOException { // REQUIREMENTS S3
        put("k", bytes(10));
        ResilientObjectStore impatient =
                protectedBy(new BreakerLimits(true, 10, 5, 50, 50, Duration.ofMillis(300), Duration.ofSeconds(30), 1));
        proxy.latency(Duration.ofMillis(250));
        for (int n = 0; n < 5; n++) {
            impatient.head("k").block(PATIENCE);
        }
        assertThat(impatient.states().get(OperationClass.READ)).isEqualTo("open");
    }

    @Test
    void aLongTransferIsNotASlowCall() throws IOException {
        ResilientObjectStore impatient =
                protectedBy(new BreakerLimits(true, 10, 2, 50, 50, Duration.ofSeconds(1), Duration.ofSeconds(30), 1));
        proxy.latency(Duration.ZERO).bandwidth(4_500_000);
        for (int n = 0; n < 3; n++) {
            impatient.put("k" + n, file(bytes(S3Stores.PART_BYTES))).block(PATIENCE); // takes more than a second each
        }
        assertThat(impatient.states().get(OperationClass.WRITE)).isEqualTo("closed");
    }

    @Test
    void eachProtectionCanBeSwitchedOff() throws IOException { // REQUIREMENTS O8
        ResilientObjectStore naked = new ResilientObjectStore(
                bare,
                new ResilienceSettings(
                        new TimeLimits(false, Duration.ofMillis(1), Duration.ofMillis(1), 1),
                        new RetryLimits(false, 9, Duration.ZERO, Duration.ZERO),
                        new BreakerLimits(false, 1, 1, 1, 1, Duration.ofNanos(1), Duration.ofHours(1), 1),
                        0),
                schedulers.io(),
                new SimpleMeterRegistry());
        naked.put("k", file(bytes(10))).block(PATIENCE); // takes longer than the limits
        proxy.reset();
        for (int n = 0; n < 5; n++) {
            assertThat(failure(naked.head("k"))).isEqualTo(ObjectStoreError.OBJECT_STORE_FAILED);
        }
        proxy.heal();
        assertThat(failure(naked.head("k"))).isNull();
        assertThat(naked.states().values()).containsOnly("disabled");
    }

    @Test
    void tooManyCallsAtOnceAreRefused() {
        ResilientObjectStore narrow = new ResilientObjectStore(
                bare,
                new ResilienceSettings(SETTINGS.time(), SETTINGS.retry(), SETTINGS.breaker(), 3),
                schedulers.io(),
                registry);
        proxy.latency(Duration.ofMillis(200));
        List<ObjectStoreError> failures = Flux.range(0, 10)
                .flatMap(n -> failed(narrow.head("none")), 10)
                .collectList()
                .block(PATIENCE);
        assertThat(failures).hasSize(7).containsOnly(ObjectStoreError.OBJECT_STORE_BUSY);
        assertThat(failure(narrow.head("none"))).isNull();
    }

    @Test
    void credentialsThatAreRefusedOpenTheBreaker() { // LESSONS 48
        S3Settings known = S3Stores.settings(peer, proxy.url(), LIMITS);
        S3Settings wrong = new S3Settings(
                known.endpoint(),
                known.region(),
                known.bucket(),
                known.prefix(),
                known.pathStyle(),
                new S3Credentials.Static(S3Peer.ACCESS_KEY, "wrong", ""),
                known.encryption(),
                known.connections(),
                known.partBytes(),
                known.pageKeys());
        try (S3ObjectStore stranger = new S3ObjectStore(wrong, schedulers.io())) {
            ResilientObjectStore guarded =
                    new ResilientObjectStore(stranger, SETTINGS, schedulers.io(), new SimpleMeterRegistry());
            for (int n = 0; n < 30; n++) {
                assertThat(failure(guarded.list("").then())).isEqualTo(ObjectStoreError.OBJECT_STORE_REFUSED);
            }
            assertThat(guarded.states().get(OperationClass.LIST)).isEqualTo("open");
        }
    }

    @Test
    void whateverFailsConnectionsThreadsHandlesAndPermitsComeBack() throws IOException { // REQUIREMENTS T1
        int operations = Integer.getInteger("weir.store.operations", 1_000);
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        put("read", bytes(500_000));
        run(random, 50);
        proxy.heal();
        int handles = handles();
        int threads = Thread.activeCount();
        long heap = heap();
        long direct = PlatformDependent.usedDirectMemory();
        for (int done = 0; done < operations; done += 50) {
            switch (random.nextInt(6)) {
                case 0 -> proxy.heal().latency(Duration.ofMillis(random.nextInt(20)));
                case 1 -> proxy.heal().cutAfter(random.nextInt(1_000_000));
                case 2 -> proxy.heal().halfCloseAfter(random.nextInt(1_000));
                case 3 -> proxy.heal().commitThenFail("(PUT|GET|DELETE) ", 1 + random.nextInt(3));
                case 4 -> proxy.reset().heal();
                default -> proxy.heal();
            }
            run(random, 50);
        }
        proxy.heal();
        Awaitility.await().atMost(PATIENCE).until(() -> failure(store.head("read")) == null);
        for (String operation : List.of("read", "write", "list", "remove")) {
            assertThat(registry.get("weir.store.underway")
                            .tag("operation", operation)
                            .gauge()
                            .value())
                    .as(operation)
                    .isZero();
        }
        Awaitility.await().atMost(PATIENCE).until(() -> handles() <= handles + LIMITS.most());
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 8);
        assertThat(proxy.open()).isLessThanOrEqualTo(LIMITS.most());
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(heap()).as("heap in use").isLessThanOrEqualTo(heap + MEMORY_SLACK));
        assertThat(PlatformDependent.usedDirectMemory())
                .as("direct memory of Netty")
                .isLessThanOrEqualTo(direct + 2 * MEMORY_SLACK);
    }

    /** Heap in use once nothing is left that nobody holds. */
    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** Operations of every kind; a few at once; some of them cancelled. */
    private void run(Random random, int count) throws IOException {
        List<Mono<?>> calls = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            String key = "k" + random.nextInt(200);
            Mono<?> call = switch (random.nextInt(6)) {
                case 0 -> store.put(key, file(new byte[random.nextInt(20_000)]));
                case 1 ->
                    store.read("read", random.nextInt(400_000), random.nextInt(100_000))
                            .then();
                case 2 -> store.list("k").take(random.nextInt(30)).then();
                case 3 -> store.remove(key);
                case 4 -> store.removeAll(List.of(key, "none")).then();
                default -> store.head(key);
            };
            calls.add(random.nextInt(10) == 0 ? call.timeout(Duration.ofMillis(random.nextInt(30) + 1L)) : call);
        }
        Flux.fromIterable(calls)
                .flatMap(call -> call.then().onErrorComplete(), 8)
                .blockLast(Duration.ofMinutes(5));
    }

    private static int handles() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }

    private ResilientObjectStore protectedBy(BreakerLimits breaker) {
        return new ResilientObjectStore(
                bare,
                new ResilienceSettings(SETTINGS.time(), SETTINGS.retry(), breaker, SETTINGS.mostCalls()),
                schedulers.io(),
                new SimpleMeterRegistry());
    }

    private static double breaker(SimpleMeterRegistry figures, String operation) {
        return figures.get("weir.store.breaker")
                .tag("operation", operation)
                .gauge()
                .value();
    }

    private static ObjectStoreError failure(Mono<?> call) {
        return failed(call).block(PATIENCE);
    }

    private static Mono<ObjectStoreError> failed(Mono<?> call) {
        return call.then(Mono.<ObjectStoreError>empty())
                .onErrorResume(WeirException.class, e -> Mono.just((ObjectStoreError) e.code()));
    }
}
