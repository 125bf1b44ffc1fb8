package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.WeirException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What every catalog does for whoever keeps the object store in step with it; each database's test extends it. */
abstract class UpkeepContract extends CatalogFixture {

    private static final Duration LEASE = Duration.ofMinutes(1);

    private Instant now = Instant.ofEpochSecond(1_700_000_000);

    private CatalogUpkeep upkeep;

    /** Stands still unless a test moves it. */
    private final class TestClock extends Clock {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @Override
    final Clock clock() {
        return new TestClock();
    }

    @BeforeEach
    void measurement() {
        prepareCpu();
        upkeep = upkeep();
    }

    private static FlushCommit flushOf(String id, String... keys) {
        return new FlushCommit(
                id,
                CPU,
                "wal",
                1,
                2,
                List.of(keys).stream().map(key -> new DataFile(key, 1, 2, 3, 4)).toList());
    }

    private List<String> removable() {
        return await(upkeep.removable(null, 1_000)).stream()
                .map(RemovedFile::objectKey)
                .toList();
    }

    @Test
    void theNameOfACatalogNeverChanges() {
        String name = await(upkeep.identity());
        assertThat(name).hasSizeBetween(16, 64);
        await(upkeep.condemn(List.of("a")));
        assertThat(await(Flux.range(0, 8)
                        .flatMap(i -> upkeep.identity(), 8)
                        .distinct()
                        .collectList()))
                .containsExactly(name);
    }

    @Test
    void filesComeInOrderOfTheirBytesOverManyPages() {
        List<String> keys = new ArrayList<>(IntStream.range(0, 4_100)
                .mapToObj(n -> String.format("d/i/%s/%05d", n % 2 == 0 ? "a" : "B", n))
                .toList());
        keys.addAll(List.of("d/i/a%20b/1", "d/i/a-b/1", "d/i/a_b/1", "d/i/aB/1", "d/i/Ab/1", "d/i/a/"));
        await(catalog().commit(flushOf("f", keys.toArray(String[]::new))));
        keys.sort(null); // ASCII: characters are bytes
        assertThat(await(upkeep.files("").map(DataFile::objectKey).collectList()))
                .isEqualTo(keys);
        assertThat(await(upkeep.files(keys.get(2_000)).map(DataFile::objectKey).collectList()))
                .isEqualTo(keys.subList(2_001, keys.size()));
        assertThat(await(upkeep.files("").next())).isEqualTo(new DataFile(keys.get(0), 1, 2, 3, 4));
    }

    @Test
    void whatWasCommittedIsNeverCondemned() {
        await(catalog().commit(flushOf("f", "a", "b")));
        assertThat(await(upkeep.known(List.of("a", "x")))).containsExactly("a");
        assertThat(await(upkeep.condemn(List.of("a", "x", "y")))).containsExactlyInAnyOrder("x", "y");
        assertThat(await(upkeep.condemn(List.of("x", "z")))).containsExactly("z");
        assertThat(await(upkeep.known(List.of("a", "b", "x", "w")))).containsExactlyInAnyOrder("a", "b", "x");
        assertThat(removable()).containsExactly("x", "y", "z");
    }

    @Test
    void whatIsCondemnedIsNeverCommittedUntilItIsGoneAndForgotten() {
        await(upkeep.condemn(List.of("b")));
        for (int step = 0; step < 2; step++) {
            StepVerifier.create(catalog().commit(flushOf("f", "a", "b")))
                    .expectErrorSatisfies(e -> {
                        assertThat(((WeirException) e).code()).isEqualTo(CatalogError.FILE_REMOVED);
                        assertThat(e).hasMessageContaining("object b is being removed");
                    })
                    .verify(PATIENCE);
            assertThat(await(upkeep.files("").collectList())).isEmpty(); // all of a flush or nothing
            await(upkeep.gone(List.of("b")));
        }
        assertThat(await(upkeep.forgetGone(now))).isZero();
        assertThat(await(upkeep.forgetGone(now.plusSeconds(1)))).isEqualTo(1);
        await(catalog().commit(flushOf("f", "a", "b")));
        assertThat(await(upkeep.known(List.of("a", "b")))).hasSize(2);
    }

    @Test
    void aRepeatedCommitOfFilesThatLeftAgainStaysHarmless() { // LESSONS 8
        await(catalog().commit(flushOf("f", "a")));
        await(upkeep.dropFiles(List.of("a")));
        await(upkeep.condemn(List.of("a")));
        await(catalog().commit(flushOf("f", "a")));
        assertThat(await(upkeep.files("").collectList())).isEmpty();
    }

    @Test
    void commitAndCondemnationOfOneKeyExcludeEachOther() {
        for (int round = 0; round < 20; round++) {
            String key = "k" + round;
            Mono<Boolean> committed = catalog()
                    .commit(flushOf("f" + round, key))
                    .thenReturn(true)
                    .onErrorResume(
                            e -> e instanceof WeirException w && w.code() == CatalogError.FILE_REMOVED,
                            e -> Mono.just(false));
            Mono<Set<String>> condemned = upkeep.condemn(List.of(key));
            boolean won = await(Mono.zip(committed, condemned, (commit, keys) -> commit != keys.contains(key)));
            assertThat(won).as("exactly one of the two").isTrue();
        }
    }

    @Test
    void whatAReaderMaySeeIsNotRemovable() {
        assertThat(await(upkeep.renewReader("r1", 0, LEASE))).isZero();
        await(upkeep.condemn(List.of("a")));
        assertThat(removable()).isEmpty();
        assertThat(await(upkeep.renewReader("r1", 0, LEASE))).isEqualTo(1);
        assertThat(await(upkeep.renewReader("r1", 1, LEASE))).isEqualTo(1);
        assertThat(removable()).containsExactly("a");
        await(upkeep.condemn(List.of("b")));
        assertThat(removable()).containsExactly("a");
        await(upkeep.renewReader("r2", 0, LEASE));
        assertThat(removable()).isEmpty(); // the slowest reader counts
        await(upkeep.endReader("r2"));
        assertThat(removable()).containsExactly("a");
        await(upkeep.endReader("r1"));
        assertThat(removable()).containsExactly("a", "b");
    }

    @Test
    void aReaderThatIsGoneForGoodHoldsNothing() {
        await(upkeep.renewReader("r1", 0, LEASE));
        await(upkeep.condemn(List.of("a")));
        now = now.plus(LEASE).minusSeconds(1);
        assertThat(removable()).isEmpty();
        now = now.plusSeconds(2);
        assertThat(removable()).containsExactly("a");
        await(upkeep.renewReader("r1", 0, LEASE)); // it was only slow
        assertThat(removable()).isEmpty();
    }

    @Test
    void removableFilesComeInPagesAndWithoutThoseThatAreGone() {
        for (int n = 0; n < 3; n++) {
            await(upkeep.condemn(List.of(n + "b", n + "a")));
        }
        await(upkeep.gone(List.of("1a")));
        List<RemovedFile> first = await(upkeep.removable(null, 2));
        assertThat(first).containsExactly(new RemovedFile("0a", 1), new RemovedFile("0b", 1));
        assertThat(await(upkeep.removable(first.get(1), 2)))
                .containsExactly(new RemovedFile("1b", 2), new RemovedFile("2a", 3));
        assertThat(await(upkeep.removable(new RemovedFile("2b", 3), 2))).isEmpty();
    }
}
