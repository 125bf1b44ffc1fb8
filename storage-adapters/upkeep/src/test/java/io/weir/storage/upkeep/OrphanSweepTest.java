package io.weir.storage.upkeep;

import static io.weir.storage.upkeep.StoreFixture.GRACE;
import static io.weir.storage.upkeep.StoreFixture.PATIENCE;
import static io.weir.storage.upkeep.StoreFixture.await;
import static io.weir.storage.upkeep.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.error.WeirException;
import io.weir.common.supervise.Turn;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.object.ObjectInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Objects that nobody needs go, and nothing else does. REQUIREMENTS S7; LESSONS 19, 21. */
class OrphanSweepTest {

    @TempDir
    Path directory;

    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private SweepReport sweep() {
        return await(fixture.sweep().run());
    }

    @Test
    void onlyOldDataFilesThatTheCatalogDoesNotKnowAreRemoved() {
        fixture.putOld(key("committed"));
        fixture.commit(key("committed"), 1, 3);
        fixture.putOld(key("orphan"));
        fixture.put(key("inflight"), new byte[3], GRACE.minusMinutes(5));
        fixture.putOld("backup/of/somebody.parquet");
        fixture.putOld("default/iot/notes.txt");
        assertThat(sweep()).isEqualTo(new SweepReport(3, 1, 1, 0));
        assertThat(fixture.stored())
                .containsExactlyInAnyOrder(
                        key("committed"), key("inflight"), "backup/of/somebody.parquet", "default/iot/notes.txt");
        assertThat(sweep()).isEqualTo(new SweepReport(2, 0, 0, 0));
    }

    @Test
    void anObjectWithoutATimeIsNeverOld() {
        assertThat(OrphanSweep.olderThan(Instant.MAX).test(new ObjectInfo("k", 1)))
                .isFalse();
    }

    @Test
    void aListingThatFailsRemovesNothing() { // LESSONS 21
        for (int n = 0; n < 40; n++) {
            fixture.putOld(key("orphan" + n));
        }
        fixture.putOld(key("earlier"));
        await(fixture.upkeep().condemn(List.of(key("earlier")))); // by a cycle that a crash ended
        for (long listed : new long[] {0, 1, 40}) {
            fixture.store().failListingsAfter(listed);
            assertThatThrownBy(this::sweep).hasMessageContaining("injected");
            assertThat(fixture.stored()).hasSize(41);
        }
        assertThat(fixture.store().removals()).isZero();
        fixture.store().failListingsAfter(Long.MAX_VALUE);
        assertThat(sweep().removed()).isEqualTo(41);
        assertThat(fixture.stored()).isEmpty();
    }

    @Test
    void aCatalogThatCannotBeAskedRemovesNothing() {
        fixture.putOld(key("committed"));
        fixture.commit(key("committed"), 1, 3);
        fixture.putOld(key("orphan"));
        fixture.close();
        assertThatThrownBy(this::sweep).isInstanceOf(RuntimeException.class);
        assertThat(fixture.store().removals()).isZero();
        fixture = new StoreFixture(directory);
        assertThat(fixture.stored()).hasSize(2);
    }

    @Test
    void aCommitWithoutAnAnswerKeepsItsFile() { // LESSONS 15
        fixture.putOld(key("happened"));
        Mono<Void> withoutAnAnswer = fixture.catalog
                .commit(StoreFixture.flush(key("happened"), 1, 3))
                .then(Mono.error(new WeirException(CatalogError.CATALOG_UNAVAILABLE, "the answer was lost")));
        assertThatThrownBy(() -> await(withoutAnAnswer)).hasMessageContaining("lost");
        fixture.put(key("perhaps"), new byte[3], Duration.ofHours(1));
        assertThat(sweep().removed()).isZero();
        assertThat(fixture.stored()).hasSize(2);
    }

    @Test
    void aFlushThatCommitsLaterThanTheGraceLosesNothing() {
        String late = key("late");
        fixture.putOld(late);
        fixture.store().stick(late);
        assertThat(sweep()).isEqualTo(new SweepReport(1, 1, 0, 1)); // condemned, and still there
        assertThatThrownBy(() -> fixture.commit(late, 1, 3)).hasMessageContaining("is being removed");
        fixture.store().stick();
        assertThat(sweep().removed()).isEqualTo(1);
        assertThatThrownBy(() -> fixture.commit(late, 1, 3)).hasMessageContaining("is being removed");
        await(fixture.upkeep().forgetGone(Instant.now().plusSeconds(5)));
        fixture.putOld(late); // as the flush does when it is tried again
        fixture.commit(late, 1, 3);
        assertThat(sweep().removed()).isZero();
        assertThat(fixture.stored()).containsExactly(late);
    }

    @Test
    void aRemovalWithoutAnAnswerIsRepeated() {
        fixture.putOld(key("orphan"));
        fixture.store().forgetRemovals(true);
        assertThat(sweep()).isEqualTo(new SweepReport(1, 1, 0, 1));
        assertThat(fixture.stored()).isEmpty();
        fixture.store().forgetRemovals(false);
        assertThat(sweep()).isEqualTo(new SweepReport(0, 0, 1, 0));
        assertThat(sweep()).isEqualTo(new SweepReport(0, 0, 0, 0));
    }

    @Test
    void whatARunningQueryMayReadStaysOnEveryReplica() { // LESSONS 39
        ReaderPresence here =
                new ReaderPresence(fixture.upkeep(), "here", ReaderPresence.INTERVAL, ReaderPresence.LEASE);
        ReaderPresence there =
                new ReaderPresence(fixture.upkeep(), "there", ReaderPresence.INTERVAL, ReaderPresence.LEASE);
        await(here.renew());
        await(there.renew());
        Runnable query = there.pin();
        String removed = key("removed");
        fixture.putOld(removed); // as compaction does: it was a file when the query began
        await(fixture.upkeep().condemn(List.of(removed)));
        for (int n = 0; n < 3; n++) {
            await(here.renew());
            await(there.renew());
            assertThat(sweep().removed()).isZero();
        }
        query.run();
        query.run();
        Runnable later = there.pin(); // cannot see what was removed before it began
        await(there.renew());
        await(there.renew());
        assertThat(sweep().removed()).isEqualTo(1);
        later.run();
        here.close();
        there.close();
        assertThat(there.pinned()).isZero();
    }

    @Test
    void aStoreOfAnotherCatalogIsLeftAsItIs() {
        fixture.putOld(key("a"));
        fixture.commit(key("a"), 1, 3);
        assertThat(sweep().removed()).isZero();
        fixture.close();
        removeCatalog();
        fixture = new StoreFixture(directory); // a disk was lost, and the server started again
        assertThatThrownBy(this::sweep).hasMessageContaining("the store belongs to catalog");
        fixture.commit(key("b"), 1, 3);
        assertThatThrownBy(this::sweep).hasMessageContaining("the store belongs to catalog");
        assertThat(fixture.stored()).containsExactly(key("a"));
    }

    @Test
    void anEmptyCatalogNeverClaimsAStoreThatHoldsFiles() {
        fixture.putOld(key("a"));
        assertThatThrownBy(this::sweepOfAnUnclaimedStore)
                .hasMessageContaining("the store holds data files, such as " + key("a"));
        fixture.commit(key("b"), 1, 3);
        assertThat(sweepOfAnUnclaimedStore().found()).isEqualTo(1);
    }

    private SweepReport sweepOfAnUnclaimedStore() {
        await(fixture.store().remove(StoreOwnership.KEY));
        return sweep();
    }

    private void removeCatalog() {
        for (String suffix : new String[] {"", "-wal", "-shm"}) {
            directory.resolve("catalog.db" + suffix).toFile().delete();
        }
    }

    @Test
    void whateverEndsACycleTheNextOnesRemoveExactlyTheOrphans() { // LESSONS 19
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Set<String> kept = new HashSet<>();
        for (int n = 0; n < 60; n++) {
            String key = key("f" + n);
            switch (random.nextInt(3)) {
                case 0 -> fixture.putOld(key);
                case 1 -> {
                    fixture.put(key, new byte[2], Duration.ZERO);
                    kept.add(key);
                }
                default -> {
                    fixture.putOld(key);
                    fixture.commit(key, 1, 3);
                    kept.add(key);
                }
            }
        }
        kept.add(key("last"));
        fixture.putOld(key("last"));
        fixture.commit(key("last"), 1, 3);
        for (int round = 0; round < 12; round++) {
            fixture.store().failListingsAfter(random.nextBoolean() ? random.nextInt(60) : Long.MAX_VALUE);
            fixture.store().forgetRemovals(random.nextBoolean());
            fixture.sweep()
                    .run()
                    .timeout(Duration.ofMillis(random.nextInt(30)), Mono.empty())
                    .onErrorComplete()
                    .block(PATIENCE);
            assertThat(fixture.stored()).containsAll(kept);
        }
        fixture.store().failListingsAfter(Long.MAX_VALUE);
        fixture.store().forgetRemovals(false);
        sweep();
        assertThat(new HashSet<>(fixture.stored())).isEqualTo(kept);
    }

    @Test
    void theWorkerTellsWhatItDidAndFailsWhileSomethingIsLeft() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        fixture.putOld(key("orphan"));
        fixture.putOld(key("stuck"));
        fixture.store().stick(key("stuck"));
        OrphanWorker worker = fixture.worker(registry);
        assertThatThrownBy(() -> await(worker.turn()))
                .hasMessageContaining("1 objects that nobody needs could not be removed");
        assertThat(registry.get("weir.orphans.failed").counter().count()).isEqualTo(1);
        assertThat(registry.get("weir.orphans.found").counter().count()).isEqualTo(2);
        assertThat(registry.get("weir.orphans.removed").counter().count()).isEqualTo(1);
        fixture.store().failListingsAfter(1);
        assertThatThrownBy(() -> await(worker.turn())).isInstanceOf(WeirException.class);
        fixture.store().failListingsAfter(Long.MAX_VALUE);
        fixture.store().stick();
        assertThat(await(worker.turn())).isEqualTo(Turn.DONE);
        assertThat(fixture.stored()).isEmpty();
    }

    @Test
    void ofTwoWorkersOneSweepsAtATime() { // LESSONS 28, 29
        SimpleMeterRegistry here = new SimpleMeterRegistry();
        SimpleMeterRegistry there = new SimpleMeterRegistry();
        fixture.putOld(key("orphan"));
        Sinks.Empty<Void> goOn = Sinks.empty();
        AtomicInteger listings = new AtomicInteger();
        fixture.store().listAfter(goOn.asMono().doOnSubscribe(begun -> listings.incrementAndGet()));
        OrphanWorker one = fixture.worker(here);
        OrphanWorker other = fixture.worker(there);
        Disposable first = one.turn().subscribe();
        Awaitility.await().until(() -> listings.get() == 1);
        assertThat(await(other.turn())).isEqualTo(Turn.SKIPPED);
        assertThat(listings).hasValue(1);
        goOn.tryEmitEmpty();
        Awaitility.await().until(first::isDisposed);
        assertThat(here.get("weir.orphans.removed").counter().count()).isEqualTo(1);
        fixture.putOld(key("another"));
        assertThat(await(other.turn())).isEqualTo(Turn.DONE); // as soon as the first one is done
        assertThat(there.get("weir.orphans.removed").counter().count()).isEqualTo(1);
        assertThat(fixture.stored()).isEmpty();
    }

    @Test
    void aWorkerThatIsStoppedAmidACycleLeavesTheNextToAnother() {
        AtomicInteger listings = new AtomicInteger();
        fixture.store().listAfter(Mono.<Void>never().doOnSubscribe(begun -> listings.incrementAndGet()));
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Disposable stopped = fixture.worker(registry).turn().subscribe();
        Awaitility.await().until(() -> listings.get() == 1);
        stopped.dispose();
        fixture.store().listAfter(Mono.empty());
        fixture.putOld(key("orphan"));
        OrphanWorker next = fixture.worker(registry);
        Awaitility.await().until(() -> {
            await(next.turn());
            return fixture.stored().isEmpty();
        });
    }

    @Test
    void theNameOfTheCatalogIsAnObjectOfItsOwn() {
        sweep();
        assertThat(fixture.stored()).isEmpty();
        String text = await(fixture.store()
                .read(StoreOwnership.KEY, 0, 100)
                .map(bytes -> StandardCharsets.US_ASCII.decode(bytes).toString())
                .collectList()
                .map(parts -> String.join("", parts)));
        assertThat(text.strip()).isEqualTo(await(fixture.upkeep().identity()));
        await(Flux.range(0, 4)
                .flatMap(n -> new StoreOwnership(fixture.store(), fixture.upkeep()).claim(), 4)
                .then());
    }
}
