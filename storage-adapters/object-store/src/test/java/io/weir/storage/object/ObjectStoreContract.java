package io.weir.storage.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.WeirException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** What every object store does; each adapter's test extends it. REQUIREMENTS S1. */
abstract class ObjectStoreContract {

    @TempDir
    Path directory;

    abstract ObjectStore store();

    @Test
    void anObjectIsReadBackWholeAndInParts() throws IOException {
        byte[] content = bytes(700_000);
        put("a/b/c.parquet", content);
        assertThat(read("a/b/c.parquet", 0, content.length)).isEqualTo(content);
        assertThat(read("a/b/c.parquet", 300_000, 5))
                .containsExactly(java.util.Arrays.copyOfRange(content, 300_000, 300_005));
        StepVerifier.create(store().head("a/b/c.parquet"))
                .expectNext(new ObjectInfo("a/b/c.parquet", content.length))
                .verifyComplete();
    }

    @Test
    void aTakenKeyIsRefusedAndKeepsItsContent() throws IOException { // LESSONS 18
        put("k", new byte[] {1});
        StepVerifier.create(store().put("k", file(new byte[] {2})))
                .expectErrorSatisfies(
                        e -> assertThat(((WeirException) e).code()).isEqualTo(ObjectStoreError.OBJECT_EXISTS))
                .verify(Duration.ofSeconds(10));
        assertThat(read("k", 0, 1)).containsExactly(1);
    }

    @Test
    void ofManyPutsOfOneKeyExactlyOneWins() throws IOException {
        List<Path> files = new java.util.ArrayList<>();
        for (int i = 0; i < 16; i++) {
            files.add(file(new byte[] {(byte) i}));
        }
        Long wins = Flux.fromIterable(files)
                .flatMap(f -> store().put("race", f).map(i -> 1).onErrorReturn(0), 16)
                .filter(n -> n == 1)
                .count()
                .block(Duration.ofSeconds(20));
        assertThat(wins).isEqualTo(1);
    }

    @Test
    void missingObjectsAreEmptyOnHeadAndAnErrorOnRead() {
        StepVerifier.create(store().head("none")).verifyComplete();
        StepVerifier.create(store().read("none", 0, 1))
                .expectErrorSatisfies(
                        e -> assertThat(((WeirException) e).code()).isEqualTo(ObjectStoreError.OBJECT_MISSING))
                .verify(Duration.ofSeconds(10));
        StepVerifier.create(store().localFile("none")).verifyError(WeirException.class);
    }

    @Test
    void listingShowsWhatIsThereAndRemoveTakesItAway() throws IOException {
        put("x/1", bytes(3));
        put("x/y/2", bytes(4));
        put("z/3", bytes(5));
        assertThat(store().list("x/").map(ObjectInfo::key).collectList().block(Duration.ofSeconds(10)))
                .containsExactlyInAnyOrder("x/1", "x/y/2");
        StepVerifier.create(store().remove("x/y/2")).expectNext(true).verifyComplete();
        StepVerifier.create(store().remove("x/y/2")).expectNext(false).verifyComplete();
        assertThat(store().list("").map(ObjectInfo::key).collectList().block(Duration.ofSeconds(10)))
                .containsExactlyInAnyOrder("x/1", "z/3");
    }

    @Test
    void aReaderThatStopsEarlyLetsTheFileGo() throws IOException { // invariant 5
        put("big", bytes(2_000_000));
        for (int i = 0; i < 200; i++) {
            StepVerifier.create(store().read("big", 0, 2_000_000), 1)
                    .expectNextCount(1)
                    .thenCancel()
                    .verify(Duration.ofSeconds(10));
        }
        StepVerifier.create(store().remove("big")).expectNext(true).verifyComplete();
    }

    void put(String key, byte[] content) throws IOException {
        StepVerifier.create(store().put(key, file(content)))
                .expectNext(new ObjectInfo(key, content.length))
                .verifyComplete();
    }

    Path file(byte[] content) throws IOException {
        return Files.write(Files.createTempFile(directory, "put", ".tmp"), content);
    }

    byte[] read(String key, long offset, long length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (ByteBuffer buffer : store().read(key, offset, length).toIterable()) {
            out.write(buffer.array(), 0, buffer.limit());
        }
        return out.toByteArray();
    }

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
