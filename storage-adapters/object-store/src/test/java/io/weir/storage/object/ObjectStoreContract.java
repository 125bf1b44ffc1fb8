package io.weir.storage.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What every object store does; each adapter's test extends it. REQUIREMENTS S1. */
public abstract class ObjectStoreContract {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    protected Path directory;

    /** The store under test, empty before each test. */
    protected abstract ObjectStore store();

    @Test
    void anObjectIsReadBackWholeAndInParts() throws IOException {
        byte[] content = bytes(700_000);
        put("a/b/c.parquet", content);
        assertThat(read("a/b/c.parquet", 0, content.length)).isEqualTo(content);
        assertThat(read("a/b/c.parquet", 300_000, 5)).containsExactly(Arrays.copyOfRange(content, 300_000, 300_005));
        ObjectInfo head = store().head("a/b/c.parquet").block(PATIENCE);
        assertThat(head.key()).isEqualTo("a/b/c.parquet");
        assertThat(head.sizeBytes()).isEqualTo(content.length);
        if (head.checksum() != null) {
            assertThat(head.checksum()).isEqualTo(Checksum.of(ByteBuffer.wrap(content)));
        }
    }

    @Test
    void aRangeEndsWhereTheObjectDoes() throws IOException {
        byte[] content = bytes(1_000);
        put("short", content);
        assertThat(read("short", 990, 1_000)).containsExactly(Arrays.copyOfRange(content, 990, 1_000));
        assertThat(read("short", 1_000, 5)).isEmpty();
        assertThat(read("short", 5_000, 5)).isEmpty();
        assertThat(read("short", 3, 0)).isEmpty();
    }

    @Test
    void anEmptyObjectIsAnObject() throws IOException {
        put("empty", new byte[0]);
        assertThat(read("empty", 0, 10)).isEmpty();
        assertThat(store().head("empty").block(PATIENCE).sizeBytes()).isZero();
        put("streamed", Flux.empty(), 0);
        assertThat(store().head("streamed").block(PATIENCE).sizeBytes()).isZero();
    }

    @Test
    void headAndListingTellWhenAnObjectWasPut() throws IOException {
        put("x/1", bytes(3));
        Instant now = Instant.now();
        for (ObjectInfo info :
                List.of(store().head("x/1").block(PATIENCE), store().list("x/").blockFirst(PATIENCE))) {
            assertThat(info.modified()).isBetween(now.minusSeconds(600), now.plusSeconds(60));
        }
    }

    @Test
    void keysAsMeasurementsMakeThemAreKeptAsTheyAre() throws IOException { // LESSONS 24, 25, 59
        List<String> keys = new ArrayList<>();
        for (String name : new String[] {"cpu load", "a=b", "ü", "%2F", "x+y&z?", "é".repeat(64)}) {
            keys.add("o/" + StorageKeys.escape(name) + "/1.parquet");
            put(keys.get(keys.size() - 1), name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        assertThat(listed("o/")).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(read(keys.get(0), 0, 8)).asString().isEqualTo("cpu load");
        assertThat(store().removeAll(keys).collectList().block(PATIENCE)).isEmpty();
        assertThat(listed("")).isEmpty();
    }

    @Test
    void aTakenKeyIsRefusedAndKeepsItsContent() throws IOException { // LESSONS 18
        put("k", new byte[] {1});
        Path second = file(new byte[] {2});
        refusedAsTaken(store().put("k", second));
        assertThat(second).exists();
        refusedAsTaken(store().put("k", chunks(new byte[] {2}, 1)));
        assertThat(read("k", 0, 1)).containsExactly(1);
    }

    @Test
    protected void aTakenKeyIsRefusedToManyPartsToo() throws IOException { // LESSONS 18
        put("k", new byte[] {1});
        Path second = file(bytes(20_000_000));
        refusedAsTaken(store().put("k", second));
        assertThat(second).exists();
        refusedAsTaken(store().put("k", chunks(bytes(2 * ObjectTransfer.STREAM_PART_BYTES), 1 << 20)));
        assertThat(read("k", 0, 1)).containsExactly(1);
    }

    private static void refusedAsTaken(Mono<ObjectInfo> put) {
        StepVerifier.create(put)
                .expectErrorSatisfies(e -> assertThat(ObjectStoreError.OBJECT_EXISTS.is(e))
                        .as(String.valueOf(e))
                        .isTrue())
                .verify(PATIENCE);
    }

    @Test
    protected void ofManyPutsOfOneKeyExactlyOneWins() throws IOException {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            files.add(file(new byte[] {(byte) i}));
        }
        for (int round = 0; round < 5; round++) {
            String key = "race" + round;
            List<Path> left = files.stream().filter(Files::exists).toList();
            Long wins = Flux.fromIterable(left)
                    .flatMap(
                            f -> store().put(key, f)
                                    .map(i -> 1)
                                    .onErrorResume(ObjectStoreError.OBJECT_EXISTS::is, e -> Mono.just(0)),
                            16)
                    .filter(n -> n == 1)
                    .count()
                    .block(PATIENCE);
            assertThat(wins).isEqualTo(1);
        }
        assertThat(files.stream().filter(Files::exists)).hasSize(11);
    }

    @Test
    void aPutFileIsTakenOver() throws IOException {
        Path file = file(bytes(10));
        store().put("taken", file).block(PATIENCE);
        assertThat(file).doesNotExist();
    }

    @Test
    void aFileOfManyPartsIsPutWhole() throws IOException { // REQUIREMENTS P7
        byte[] content = bytes(37_000_001);
        put("large", content);
        assertThat(read("large", 0, content.length)).isEqualTo(content);
    }

    @Test
    void aStreamOfUnknownLengthIsPutWhole() {
        byte[] content = bytes(2 * ObjectTransfer.STREAM_PART_BYTES + 12_345);
        put("s/small", chunks(Arrays.copyOf(content, 100), 7), 100);
        put("s/large", chunks(content, 100_000), content.length);
        put("s/exact", chunks(Arrays.copyOf(content, ObjectTransfer.STREAM_PART_BYTES), 1 << 20), 8 << 20);
        assertThat(read("s/small", 0, 100)).containsExactly(Arrays.copyOf(content, 100));
        assertThat(read("s/large", 0, content.length)).isEqualTo(content);
    }

    @Test
    void aStreamThatFailsLeavesNothing() {
        Flux<ByteBuffer> failing = chunks(bytes(20_000_000), 1 << 20)
                .concatWith(Flux.error(new IllegalStateException("the source fails")));
        StepVerifier.create(store().put("never", failing))
                .expectErrorMessage("the source fails")
                .verify(PATIENCE);
        StepVerifier.create(store().put("never", Flux.error(new IllegalStateException("at once"))))
                .expectErrorMessage("at once")
                .verify(PATIENCE);
        StepVerifier.create(
                        store().put("never", chunks(bytes(20_000_000), 1 << 20).concatWith(Flux.never())))
                .thenAwait(Duration.ofMillis(300))
                .thenCancel()
                .verify(PATIENCE);
        assertThat(listed("")).isEmpty();
        StepVerifier.create(store().head("never")).verifyComplete();
    }

    @Test
    void missingObjectsAreEmptyOnHeadAndAnErrorOnRead() {
        StepVerifier.create(store().head("none")).verifyComplete();
        StepVerifier.create(store().read("none", 0, 1))
                .expectErrorSatisfies(e -> assertThat(ObjectStoreError.OBJECT_MISSING.is(e))
                        .as(String.valueOf(e))
                        .isTrue())
                .verify(PATIENCE);
    }

    @Test
    void listingIsInOrderOverManyPagesAndGoesOnAfterAKey() throws IOException { // LESSONS 50
        List<String> keys = IntStream.range(0, 25)
                .mapToObj(n -> String.format("x/%d/%02d.parquet", n % 3, n))
                .sorted()
                .toList();
        for (String key : keys) {
            put(key, bytes(3));
        }
        put("x.y", bytes(1)); // '.' sorts before '/'
        put("w/0", bytes(1));
        put("z", bytes(1));
        assertThat(listed("x/")).containsExactlyElementsOf(keys);
        assertThat(listed("x/1/"))
                .containsExactlyElementsOf(
                        keys.stream().filter(k -> k.startsWith("x/1/")).toList());
        assertThat(listed("x/1/0"))
                .containsExactlyElementsOf(
                        keys.stream().filter(k -> k.startsWith("x/1/0")).toList());
        assertThat(listed(""))
                .startsWith("w/0", "x.y", "x/0/00.parquet")
                .endsWith("z")
                .hasSize(28);
        assertThat(listed("no/such")).isEmpty();
        for (int n : new int[] {0, 7, 24}) {
            assertThat(store().list("x/", keys.get(n))
                            .map(ObjectInfo::key)
                            .collectList()
                            .block(PATIENCE))
                    .containsExactlyElementsOf(keys.subList(n + 1, 25));
        }
        assertThat(store().list("", "x/0/999").map(ObjectInfo::key).next().block(PATIENCE))
                .isEqualTo("x/1/01.parquet");
        StepVerifier.create(store().list("x/").map(ObjectInfo::sizeBytes), 2)
                .expectNext(3L, 3L)
                .thenCancel()
                .verify(PATIENCE);
    }

    @Test
    void removingIsRepeatable() throws IOException {
        put("x/1", bytes(3));
        put("x/2", bytes(3));
        StepVerifier.create(store().remove("x/1")).verifyComplete();
        StepVerifier.create(store().remove("x/1")).verifyComplete();
        assertThat(listed("")).containsExactly("x/2");
        put("x/1", bytes(4)); // a removed key is free again
        assertThat(read("x/1", 0, 10)).hasSize(4);
    }

    @Test
    void manyObjectsAreRemovedWhetherOrNotTheyWereThere() throws IOException {
        List<String> keys = new ArrayList<>();
        for (int n = 0; n < 30; n++) {
            put("x/" + n, bytes(3));
            keys.add("x/" + n);
        }
        keys.add("x/missing");
        put("stays", bytes(1));
        assertThat(store().removeAll(keys).collectList().block(PATIENCE)).isEmpty();
        assertThat(listed("")).containsExactly("stays");
        assertThat(store().removeAll(List.of()).collectList().block(PATIENCE)).isEmpty();
    }

    @Test
    void aReaderThatStopsEarlyLetsGo() throws IOException { // invariant 5
        put("big", bytes(2_000_000));
        for (int i = 0; i < 200; i++) {
            StepVerifier.create(store().read("big", 0, 2_000_000), 1)
                    .expectNextCount(1)
                    .thenCancel()
                    .verify(PATIENCE);
        }
        StepVerifier.create(store().remove("big")).verifyComplete();
    }

    @Test
    void aSlowReaderIsWaitedFor() throws IOException { // REQUIREMENTS P7: at the reader's pace
        byte[] content = bytes(12_000_000);
        put("big", content);
        AtomicInteger sum = new AtomicInteger();
        StepVerifier.create(store().read("big", 0, content.length).doOnNext(b -> sum.addAndGet(b.remaining())), 0)
                .thenRequest(1)
                .expectNextCount(1)
                .thenAwait(Duration.ofMillis(500))
                .then(() -> assertThat(sum.get()).isLessThanOrEqualTo(ObjectTransfer.BUFFER_BYTES))
                .thenRequest(Long.MAX_VALUE)
                .thenConsumeWhile(b -> true)
                .expectComplete()
                .verify(PATIENCE);
        assertThat(sum.get()).isEqualTo(content.length);
    }

    protected final List<String> listed(String prefix) {
        return store().list(prefix).map(ObjectInfo::key).collectList().block(PATIENCE);
    }

    protected final void put(String key, byte[] content) throws IOException {
        ObjectInfo made = store().put(key, file(content)).block(PATIENCE);
        assertThat(made.key()).isEqualTo(key);
        assertThat(made.sizeBytes()).isEqualTo(content.length);
    }

    private void put(String key, Flux<ByteBuffer> content, long length) {
        assertThat(store().put(key, content).block(PATIENCE).sizeBytes()).isEqualTo(length);
    }

    /** A file with that content. */
    protected final Path file(byte[] content) throws IOException {
        return Files.write(Files.createTempFile(directory, "put", ".tmp"), content);
    }

    /** That content in buffers of that size. */
    protected static Flux<ByteBuffer> chunks(byte[] content, int size) {
        return Flux.range(0, (content.length + size - 1) / size)
                .map(n -> ByteBuffer.wrap(content, n * size, Math.min(size, content.length - n * size))
                        .slice());
    }

    /** What the store gives for that range. */
    protected final byte[] read(String key, long offset, long length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store().read(key, offset, length)
                .doOnNext(buffer ->
                        out.write(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining()))
                .blockLast(PATIENCE);
        return out.toByteArray();
    }

    /** That many random bytes, always the same. */
    protected static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
