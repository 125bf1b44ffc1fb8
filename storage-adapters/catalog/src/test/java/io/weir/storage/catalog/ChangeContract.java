package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.CommonError;
import io.weir.common.error.ErrorCode;
import io.weir.common.error.WeirException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What changes of files and leases do in every catalog. REQUIREMENTS L4, S6. */
abstract class ChangeContract extends CatalogFixture {

    private static final Duration LONG = Duration.ofMinutes(10);

    @BeforeEach
    void commitThreeFiles() {
        prepareCpu();
        await(catalog().commit(flush("f", 1, 9, 3)));
    }

    @Test
    void filesAreReplacedAllAtOnce() { // LESSONS 19
        await(catalog().change(merge("c1", "f-0", "f-1")));
        assertThat(keys()).containsExactly("c1-out", "f-2");
    }

    @Test
    void aRepeatedChangeChangesNothing() { // LESSONS 15
        String version = await(catalog().version(CPU));
        FileChange change = merge("c1", "f-0", "f-1");
        await(catalog().change(change));
        String changed = await(catalog().version(CPU));
        assertThat(changed).isNotEqualTo(version); // REQUIREMENTS C6
        await(catalog().change(merge("c2", "c1-out", "f-2")));
        String again = await(catalog().version(CPU));
        assertThat(again).isNotIn(version, changed);
        await(catalog().change(change));
        assertThat(await(catalog().version(CPU))).isEqualTo(again);
        assertThat(keys()).containsExactly("c2-out");
        await(catalog().forgetChanges(Instant.now().plusSeconds(60)));
        assertThat(failure(catalog().change(change))).isEqualTo(CatalogError.COMMIT_CONFLICT);
    }

    @Test
    void aChangeWhoseInputIsGoneChangesNothing() { // LESSONS 18, 29
        await(catalog().change(merge("c1", "f-0", "f-1")));
        WeirException refused = refusal(catalog().change(merge("c2", "f-1", "f-2")));
        assertThat(refused.code()).isEqualTo(CatalogError.COMMIT_CONFLICT);
        assertThat(refused).hasMessageContaining("change c2 of default/iot/cpu would remove f-1, which is not there");
        assertThat(keys()).containsExactly("c1-out", "f-2");
    }

    @Test
    void filesOfAnotherMeasurementAreNotThere() { // invariant 8
        await(catalog().addColumns(MEM, List.of(HOST), false));
        FileChange foreign = new FileChange("c1", MEM, List.of(), List.of("f-0"), null);
        assertThat(failure(catalog().change(foreign))).isEqualTo(CatalogError.COMMIT_CONFLICT);
        FileChange nowhere = new FileChange("c1", IOT.table("gone"), List.of(), List.of(), null);
        assertThat(failure(catalog().change(nowhere))).isEqualTo(CommonError.MEASUREMENT_NOT_FOUND);
        assertThat(keys()).hasSize(3);
    }

    @Test
    void whatAChangeRemovedIsRemovableOnceNoReaderCanSeeIt() { // LESSONS 19, 39
        await(upkeep().renewReader("r", 0, LONG));
        FileChange change = merge("c1", "f-0", "f-1");
        await(catalog().change(change));
        await(catalog().change(change));
        assertThat(failure(catalog().change(merge("c2", "f-1", "f-2")))).isEqualTo(CatalogError.COMMIT_CONFLICT);
        assertThat(await(upkeep().known(List.of("f-0", "f-1", "f-2", "c1-out", "c2-out"))))
                .containsExactlyInAnyOrder("f-0", "f-1", "f-2", "c1-out");
        assertThat(await(upkeep().removable(null, 10))).isEmpty();
        assertThat(await(upkeep().renewReader("r", 1, LONG)))
                .as("one removal, however often it was asked for")
                .isEqualTo(1);
        assertThat(await(upkeep().removable(null, 10)))
                .containsExactly(new RemovedFile("f-0", 1), new RemovedFile("f-1", 1));
    }

    @Test
    void aChangeNamesNoFileThatIsBeingRemoved() {
        await(upkeep().condemn(List.of("c1-out")));
        assertThat(failure(catalog().change(merge("c1", "f-0", "f-1")))).isEqualTo(CatalogError.FILE_REMOVED);
        await(catalog().change(merge("c2", "f-0", "f-1")));
        FileChange back = new FileChange("c3", CPU, List.of(new DataFile("f-0", 0, 9, 100, 1)), List.of(), null);
        assertThat(failure(catalog().change(back))).isEqualTo(CatalogError.FILE_REMOVED);
        assertThat(keys()).containsExactly("c2-out", "f-2");
    }

    @Test
    void ofManyThatReplaceTheSameFileOneDoes() { // LESSONS 28, 29
        List<Object> outcomes = await(Flux.range(0, 16)
                .flatMap(
                        n -> catalog()
                                .change(merge("c" + n, "f-0", "f-1"))
                                .<Object>thenReturn("done")
                                .onErrorResume(e -> Mono.just(((WeirException) e).code())),
                        16)
                .collectList());
        assertThat(outcomes).containsOnlyOnce("done").hasSize(16);
        assertThat(outcomes).filteredOn(outcome -> outcome != "done").containsOnly(CatalogError.COMMIT_CONFLICT);
        assertThat(keys()).hasSize(2);
    }

    @Test
    void flushesCompactionsAndDeletesAtOnceLoseAndDoubleNoRow() { // LESSONS 19, 20, 29
        long seed = new Random().nextLong();
        AtomicLong flushed = new AtomicLong(await(catalog().snapshot(CPU, List.of())).files().stream()
                .mapToLong(DataFile::rows)
                .sum());
        AtomicLong deleted = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        Flux<?> flushers = Flux.range(0, 24)
                .flatMap(
                        n -> {
                            flushed.addAndGet(1);
                            DataFile file = new DataFile("g" + n, n, n, 1, 10);
                            return catalog().commit(new FlushCommit("g" + n, CPU, "wal-b", n, n, List.of(file)));
                        },
                        3);
        Flux<?> changers = Flux.range(0, 24)
                .flatMap(n -> changeSome("x" + n, new Random(seed + n), n % 4 == 0 ? deleted : null), 4);
        Flux<?> reader = Mono.defer(() -> catalog().snapshot(CPU, List.of()))
                .doOnNext(seen -> {
                    long rows = seen.files().stream().mapToLong(DataFile::rows).sum();
                    assertThat(rows).as("seed %d", seed).isLessThanOrEqualTo(flushed.get());
                })
                .repeat(() -> !done.get());
        await(Flux.merge(Flux.merge(flushers, changers).doFinally(end -> done.set(true)), reader)
                .then());
        assertThat(await(upkeep().removable(null, 1_000)))
                .as("seed %d", seed)
                .extracting(RemovedFile::objectKey)
                .isNotEmpty()
                .doesNotContainAnyElementsOf(keys());
        assertThat(await(catalog().snapshot(CPU, List.of())).files().stream()
                        .mapToLong(DataFile::rows)
                        .sum())
                .as("seed %d", seed)
                .isEqualTo(flushed.get() - deleted.get());
    }

    /** Merges, or deletes, two files of what is there; when they are gone meanwhile, nothing. */
    private Mono<Void> changeSome(String id, Random random, AtomicLong deleted) {
        return catalog().snapshot(CPU, List.of()).flatMap(seen -> {
            if (seen.files().size() < 2) {
                return Mono.<Void>empty();
            }
            int first = random.nextInt(seen.files().size() - 1);
            List<DataFile> inputs = seen.files().subList(first, first + 2);
            long rows = inputs.stream().mapToLong(DataFile::rows).sum();
            List<DataFile> output = deleted == null ? List.of(new DataFile(id, 0, 100, rows, 10)) : List.of();
            List<String> removed = inputs.stream().map(DataFile::objectKey).toList();
            return catalog()
                    .change(new FileChange(id, CPU, output, removed, null))
                    .doOnSuccess(applied -> {
                        if (deleted != null) {
                            deleted.addAndGet(rows);
                        }
                    })
                    .onErrorResume(e -> ((WeirException) e).code() == CatalogError.COMMIT_CONFLICT, e -> Mono.empty());
        });
    }

    @Test
    void aLeaseHasOneHolderAndItsTokenGrows() { // LESSONS 29
        Lease first = await(leases().acquire("compaction", "a", LONG));
        assertThat(await(leases().acquire("compaction", "b", LONG))).isNull();
        assertThat(await(leases().acquire("compaction", "a", LONG)))
                .as("by the same name")
                .isNull();
        assertThat(await(leases().acquire("deletion", "b", LONG))).isNotNull();
        await(leases().renew(first, LONG));
        await(leases().release(first));
        await(leases().release(first));
        Lease second = await(leases().acquire("compaction", "b", LONG));
        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(failure(leases().renew(first, LONG))).isEqualTo(CatalogError.LEASE_LOST);
    }

    @Test
    void ofManyWhoWantALeaseOneGetsIt() { // LESSONS 29
        long token = 0;
        for (int round = 0; round < 3; round++) {
            List<Lease> got = await(Flux.range(0, 12)
                    .flatMap(n -> leases().acquire("compaction", "replica " + n, LONG), 12)
                    .collectList());
            assertThat(got).hasSize(1);
            assertThat(got.get(0).token()).isGreaterThan(token);
            token = got.get(0).token();
            await(leases().release(got.get(0)));
        }
    }

    @Test
    void aLeaseThatIsNotRenewedEndsByTheDatabasesClock() { // LESSONS 29
        Lease first = await(leases().acquire("compaction", "a", Duration.ofMillis(20)));
        Lease second = await(leases().acquire("compaction", "b", LONG)
                .repeatWhenEmpty(1_000, tries -> tries.delayElements(Duration.ofMillis(5))));
        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(failure(leases().renew(first, LONG))).isEqualTo(CatalogError.LEASE_LOST);
        await(leases().release(first)); // is not its to give back
        assertThat(await(leases().acquire("compaction", "c", LONG))).isNull();
    }

    @Test
    void namesOfLeasesThatEndedLongAgoAreForgottenAndTheirTokensGrowAllTheSame() { // LESSONS 29
        Lease stale = await(leases().acquire("compaction", "a", LONG));
        await(leases().acquire("held", "a", LONG));
        await(leases().release(await(leases().acquire("just given back", "a", LONG))));
        await(upkeep().forgetGone(Instant.now()));
        assertThat(leaseNames()).containsExactly("compaction", "held", "just given back");
        end("compaction");
        await(upkeep().forgetGone(Instant.now()));
        assertThat(leaseNames()).containsExactly("held", "just given back");
        Lease again = await(leases().acquire("compaction", "b", LONG));
        assertThat(again.token()).isGreaterThan(stale.token());
        assertThat(failure(catalog().change(new FileChange("c1", CPU, List.of(), List.of("f-0"), stale))))
                .isEqualTo(CatalogError.LEASE_LOST);
    }

    private List<String> leaseNames() {
        return list(sql().sql("SELECT name FROM leases ORDER BY name")
                .map(row -> Rows.text(row, 0))
                .all());
    }

    @Test
    void workThatTakesLongerThanItsLeaseKeepsIt() { // LESSONS 28
        Mono<Lease> another = leases().acquire("compaction", "b", LONG);
        Mono<Long> got = Flux.range(0, 13) // for longer than the lease
                .delayElements(Duration.ofMillis(200))
                .concatMap(n -> another)
                .count();
        Long others = await(leases().during("compaction", "a", Duration.ofSeconds(2), held -> got));
        assertThat(others).as("nobody else got it").isZero();
        assertThat(await(another)).as("it was given back").isNotNull();
        String done = await(leases().during("compaction", "a", LONG, held -> Mono.just("done")));
        assertThat(done).as("it is another's").isNull();
    }

    @Test
    void workWhoseLeaseIsLostEnds() { // LESSONS 29
        Mono<?> work = leases().during(
                        "compaction",
                        "a",
                        Duration.ofMillis(300),
                        held -> sql().sql("UPDATE leases SET token = token + 1")
                                .then()
                                .then(Mono.never()));
        assertThat(failure(work)).isEqualTo(CatalogError.LEASE_LOST);
    }

    @Test
    void aChangeOfWhoLostItsLeaseIsRefused() { // LESSONS 29
        Lease stale = await(leases().acquire("compaction", "a", LONG));
        FileChange change = new FileChange("c1", CPU, List.of(), List.of("f-0"), stale);
        end("compaction");
        WeirException expired = refusal(catalog().change(change));
        assertThat(expired.code()).isEqualTo(CatalogError.LEASE_LOST);
        assertThat(expired)
                .hasMessageContaining("lease compaction of a with token " + stale.token() + " is not held any more");
        Lease held = await(leases().acquire("compaction", "b", LONG));
        assertThat(failure(catalog().change(change))).isEqualTo(CatalogError.LEASE_LOST);
        assertThat(keys()).hasSize(3);
        await(catalog().change(new FileChange("c2", CPU, List.of(), List.of("f-0"), held)));
        assertThat(keys()).containsExactly("f-1", "f-2");
    }

    @Test
    void whoeverFightsForALeaseNoChangeOfAnEarlierHolderFollowsOneOfALater() { // LESSONS 29
        AtomicLong refused = new AtomicLong();
        await(Flux.range(0, 24)
                .flatMap(
                        n -> leases().acquire("compaction", "replica " + n, Duration.ofMillis(40))
                                .repeatWhenEmpty(10_000, tries -> tries.delayElements(Duration.ofMillis(1)))
                                .delayElement(Duration.ofMillis(n % 3 == 0 ? 80 : 0)) // some are late
                                .flatMap(lease -> catalog()
                                        .change(new FileChange("c" + n, CPU, List.of(token(lease)), List.of(), lease))
                                        .onErrorResume(
                                                e -> ((WeirException) e).code() == CatalogError.LEASE_LOST, e -> {
                                                    refused.incrementAndGet();
                                                    return Mono.empty();
                                                })),
                        4)
                .then());
        List<Long> inOrderOfCommit =
                list(sql().sql("SELECT f.row_count FROM files f JOIN file_changes c ON c.change_id = f.flush_id"
                                + " ORDER BY c.commit_sequence")
                        .map(row -> Rows.number(row, 0))
                        .all());
        assertThat(inOrderOfCommit).isSorted().doesNotHaveDuplicates().isNotEmpty();
        assertThat(refused).hasPositiveValue();
    }

    /** A file whose number of rows is the token. */
    private static DataFile token(Lease lease) {
        return new DataFile("token-" + lease.token(), 0, 1, lease.token(), 1);
    }

    /** Lets the time of a lease be over. */
    private void end(String lease) {
        await(sql().sql("UPDATE leases SET expires_micros = 0 WHERE name = '" + lease + "'")
                .then());
    }

    static FileChange merge(String id, String... inputs) {
        return new FileChange(id, CPU, List.of(new DataFile(id + "-out", 0, 19, 200, 8192)), List.of(inputs), null);
    }

    final List<String> keys() {
        return await(catalog().snapshot(CPU, List.of())).files().stream()
                .map(DataFile::objectKey)
                .toList();
    }

    static WeirException refusal(Mono<?> operation) {
        return (WeirException) await(operation
                .then(Mono.<Throwable>empty())
                .onErrorResume(WeirException.class, Mono::just)
                .switchIfEmpty(Mono.error(() -> new AssertionError("it was not refused"))));
    }

    static ErrorCode failure(Mono<?> operation) {
        return refusal(operation).code();
    }
}
