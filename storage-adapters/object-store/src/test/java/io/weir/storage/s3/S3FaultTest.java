package io.weir.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.WeirException;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.KeyPrefix;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStoreError;
import io.weir.testing.FaultProxy;
import io.weir.testing.S3Peer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the network does to a store, without anything above it that would repair it. REQUIREMENTS S2, S4, T3. */
class S3FaultTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ConnectionLimits LIMITS = new ConnectionLimits(
            4,
            6,
            Duration.ofMillis(800),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5));

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final S3Peer peer = S3Peer.s3Proxy();
    private final FaultProxy proxy = FaultProxy.inFrontOf(peer.endpoint());
    private S3Settings settings;
    private S3ObjectStore store;

    @TempDir
    Path directory;

    @BeforeEach
    void open() {
        settings = S3Stores.settings(peer, proxy.url(), LIMITS);
        store = new S3ObjectStore(settings, schedulers.io());
    }

    @AfterEach
    void close() {
        store.close();
        proxy.close();
        schedulers.close();
    }

    @Test
    void aPutWhoseAnswerIsLostIsOfUnknownOutcomeAndIsThere() throws IOException { // LESSONS 15
        proxy.commitThenFail("PUT ", 1);
        Path file = file(1_000);
        assertThat(failureOf(store.put("k", file))).isEqualTo(ObjectStoreError.OBJECT_STORE_FAILED);
        assertThat(file).exists();
        assertThat(store.head("k").block(PATIENCE).sizeBytes()).isEqualTo(1_000);
    }

    @Test
    void partsPutTogetherWithoutAnAnswerAreNotGivenUp() throws IOException { // an unknown outcome deletes nothing
        Path file = file(2 * S3Stores.PART_BYTES);
        store.head("warm").block(PATIENCE);
        proxy.commitThenFail("POST \\S+uploadId=", 1);
        assertThat(failureOf(store.put("k", file))).isEqualTo(ObjectStoreError.OBJECT_STORE_FAILED);
        proxy.heal();
        ObjectInfo there = store.head("k").block(PATIENCE);
        assertThat(there.sizeBytes()).isEqualTo(2 * S3Stores.PART_BYTES);
        assertThat(there.checksum()).isNotNull();
    }

    @Test
    void aLostPartIsSentAgainAlone() throws IOException {
        proxy.commitThenFail("PUT ", 2);
        Path file = file(4 * S3Stores.PART_BYTES);
        assertThat(store.put("k", file).block(PATIENCE).sizeBytes()).isEqualTo(4 * S3Stores.PART_BYTES);
    }

    @Test
    void aBodyThatIsCutIsAnErrorAndNeverShort() throws IOException { // invariant 7
        int size = 3_000_000;
        store.put("k", file(size)).block(PATIENCE);
        for (long at : new long[] {100, 1_000, 100_000, 2_999_999}) {
            proxy.cutAfter(at);
            assertThat(failureOf(store.read("k", 0, size).then())).isEqualTo(ObjectStoreError.OBJECT_STORE_FAILED);
            proxy.halfCloseAfter(at);
            assertThat(failureOf(store.read("k", 0, size).then()))
                    .isIn(ObjectStoreError.OBJECT_STORE_FAILED, ObjectStoreError.OBJECT_STORE_TIMEOUT);
            proxy.heal();
        }
        assertThat(length(store.read("k", 0, size))).isEqualTo(size);
    }

    @Test
    void aListingThatIsCutIsAnErrorAndNeverShort() throws IOException { // LESSONS 21
        for (int n = 0; n < 2 * S3Stores.PAGE_KEYS; n++) {
            store.put("x/" + n, file(1)).block(PATIENCE);
        }
        for (long at : new long[] {10, 500, 2_500, 5_000}) {
            proxy.cutAfter(at);
            assertThat(failureOf(store.list("x/").then()))
                    .as("cut after " + at)
                    .isEqualTo(ObjectStoreError.OBJECT_STORE_FAILED);
            proxy.heal();
        }
        assertThat(store.list("x/").count().block(PATIENCE)).isEqualTo(2 * S3Stores.PAGE_KEYS);
    }

    @Test
    void aStoreThatHangsLetsItsCallersGoAndHoldsNoMoreConnectionsThanAllowed() { // REQUIREMENTS S2, S4
        store.head("warm").block(PATIENCE);
        proxy.stall();
        List<ObjectStoreError> failures = Flux.range(0, 40)
                .flatMap(n -> Mono.fromCallable(() -> n).then(failure(store.head("k" + n))), 40)
                .collectList()
                .block(PATIENCE);
        assertThat(failures)
                .hasSize(40)
                .contains(ObjectStoreError.OBJECT_STORE_TIMEOUT, ObjectStoreError.OBJECT_STORE_BUSY)
                .doesNotContain(ObjectStoreError.OBJECT_STORE_REFUSED);
        assertThat(proxy.mostOpen()).isLessThanOrEqualTo(LIMITS.most() + 1); // one may be closing
        proxy.heal();
        assertThat(store.head("none").blockOptional(PATIENCE)).isEmpty();
    }

    @Test
    void aReaderThatHangsHoldsUpNobodyElse() throws IOException {
        store.put("k", file(3_000_000)).block(PATIENCE);
        proxy.bandwidth(4_000_000).latency(Duration.ofMillis(1));
        Flux<Long> reads = Flux.range(0, 4)
                .flatMap(n -> store.read("k", n * 10_000L, 500_000)
                        .map(b -> (long) b.remaining())
                        .reduce(0L, Long::sum));
        assertThat(reads.collectList().block(PATIENCE)).containsOnly(500_000L).hasSize(4);
    }

    @Test
    void connectionsThatAreResetAreReplaced() throws IOException {
        store.put("k", file(10)).block(PATIENCE);
        proxy.reset();
        assertThat(failureOf(store.head("k"))).isEqualTo(ObjectStoreError.OBJECT_STORE_FAILED);
        proxy.heal();
        assertThat(store.head("k").block(PATIENCE)).isNotNull();
    }

    @Test
    void whenTheStoreCannotBeReachedEveryKeyIsReportedAsNotRemoved() throws IOException {
        store.put("k", file(10)).block(PATIENCE);
        proxy.reset();
        assertThat(store.removeAll(List.of("k", "l")).collectList().block(PATIENCE))
                .extracting("key")
                .containsExactly("k", "l");
        proxy.heal();
        assertThat(store.head("k").block(PATIENCE)).isNotNull();
    }

    @Test
    void aWrongSecretAndAMissingBucketAreRefusalsThatSaySo() { // LESSONS 48
        try (S3ObjectStore stranger = new S3ObjectStore(
                with(new S3Credentials.Static(S3Peer.ACCESS_KEY, "wrong", ""), settings.bucket()), schedulers.io())) {
            assertThat(failureOf(stranger.list("").then())).isEqualTo(ObjectStoreError.OBJECT_STORE_REFUSED);
            WeirException refusal = weir(stranger.list("").then());
            assertThat(refusal.detail())
                    .isEqualTo("could not list object : the store answered 403 SignatureDoesNotMatch");
        }
        try (S3ObjectStore lost = new S3ObjectStore(with(settings.credentials(), "no-such-bucket"), schedulers.io())) {
            assertThat(failureOf(lost.list("").then())).isEqualTo(ObjectStoreError.OBJECT_STORE_REFUSED);
            assertThat(failureOf(lost.read("k", 0, 1).then())).isEqualTo(ObjectStoreError.OBJECT_STORE_REFUSED);
        }
    }

    private S3Settings with(S3Credentials credentials, String bucket) {
        return new S3Settings(
                Optional.of(proxy.url()),
                settings.region(),
                bucket,
                KeyPrefix.of(""),
                true,
                credentials,
                settings.encryption(),
                LIMITS,
                S3Stores.PART_BYTES,
                S3Stores.PAGE_KEYS);
    }

    private Path file(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Files.write(Files.createTempFile(directory, "put", ".tmp"), bytes);
    }

    private static long length(Flux<ByteBuffer> content) {
        return content.map(ByteBuffer::remaining).reduce(0, Integer::sum).block(PATIENCE);
    }

    private static ObjectStoreError failureOf(Mono<?> call) {
        return failure(call).block(PATIENCE);
    }

    private static Mono<ObjectStoreError> failure(Mono<?> call) {
        return call.then(Mono.<ObjectStoreError>empty())
                .onErrorResume(WeirException.class, e -> Mono.just((ObjectStoreError) e.code()));
    }

    private static WeirException weir(Mono<?> call) {
        try {
            call.block(PATIENCE);
        } catch (WeirException e) {
            return e;
        }
        throw new AssertionError("no failure");
    }
}
