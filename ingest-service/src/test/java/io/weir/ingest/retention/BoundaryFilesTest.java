package io.weir.ingest.retention;

import static io.weir.ingest.compaction.CompactionFixture.HOUR;
import static io.weir.ingest.compaction.CompactionFixture.IOT;
import static io.weir.ingest.compaction.CompactionFixture.PATIENCE;
import static io.weir.ingest.compaction.CompactionFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotArea;
import io.weir.common.hot.HotControl;
import io.weir.common.hot.HotPart;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.supervise.Turn;
import io.weir.ingest.buffer.TestBatches;
import io.weir.ingest.compaction.CompactionFixture;
import io.weir.ingest.compaction.Compactor;
import io.weir.ingest.rewrite.DeleteWorker;
import io.weir.ingest.rewrite.FileRewrite;
import io.weir.ingest.rewrite.RewriteDirectories;
import io.weir.ingest.rewrite.RewriteSettings;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Boundary;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.DeletedFile;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.ExpiredRows;
import io.weir.storage.catalog.FileOutcome;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.NewDelete;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.catalog.RetentionPolicy;
import io.weir.storage.catalog.RetentionRule;
import io.weir.storage.catalog.RetentionRun;
import io.weir.storage.catalog.StoredDelete;
import io.weir.storage.catalog.TaskState;
import io.weir.storage.object.LocalFiles;
import io.weir.testing.CrashPoints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Policies that rewrite files across the cutoff: what they delete and when, whatever fails. REQUIREMENTS L1; LESSONS 19, 21, 29, 30. */
class BoundaryFilesTest {

    private static final TableId CPU = IOT.table("cpu");
    private static final TableId MEM = IOT.table("mem");
    private static final Duration KEEP = Duration.ofHours(24);
    private static final int CYCLES = Integer.getInteger("weir.retention.cycles", 40);

    /** An hour of which half is too old at the beginning of each test, and the number of its first row. */
    private static final long HALF = Instant.parse("2029-12-31T00:00:00Z").getEpochSecond() * 1_000_000;

    @TempDir
    Path directory;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<FileRewrite> opened = new ArrayList<>();
    private final List<HotArea> flushed = new CopyOnWriteArrayList<>();
    private volatile List<HotPart> hot = List.of();
    private CompactionFixture fixture;
    private RetentionPolicies policies;

    @BeforeEach
    void open() throws Exception {
        fixture = new CompactionFixture(directory);
        fixture.pass(Duration.ofMinutes(30));
        policies = fixture.policies();
    }

    @AfterEach
    void close() {
        opened.forEach(FileRewrite::close);
        fixture.close();
    }

    private static RewriteSettings settings() {
        return new RewriteSettings(
                true,
                Duration.ofSeconds(5),
                Duration.ofMinutes(2),
                DataSize.ofMegabytes(128),
                DataSize.ofMegabytes(256),
                PATIENCE,
                Duration.ofDays(7));
    }

    private FileRewrite rewrite(CrashPoints crash) {
        opened.forEach(FileRewrite::close);
        opened.clear();
        FileRewrite rewrite = new FileRewrite(
                crash.of(Catalog.class, fixture.catalog),
                crash.of(LocalFiles.class, fixture.store),
                fixture.step(crash),
                new RewriteDirectories(fixture.objects, directory.resolve("rewriting")),
                settings(),
                fixture.schedulers.io());
        opened.add(rewrite);
        return rewrite;
    }

    /** The loops of a process that dies when {@code crash} says. */
    private record Process(RetentionWorker retention, RetentionTrial trial, DeleteWorker deletes) {}

    private Process process() {
        return process(new CrashPoints());
    }

    private Process process(CrashPoints crash) {
        FileRewrite rewrite = rewrite(crash);
        return process(crash, rewrite, rewrite::count);
    }

    private Process process(CrashPoints crash, FileRewrite rewrite, BoundaryFiles.RowCount counter) {
        Catalog catalog = crash.of(Catalog.class, fixture.catalog);
        RetentionPolicies from = crash.of(RetentionPolicies.class, policies);
        Deletes deletes = crash.of(Deletes.class, fixture.deletes());
        Leases leases = crash.of(Leases.class, fixture.leases());
        BoundaryFiles boundary = new BoundaryFiles(catalog, from, deletes, counter, 0.25);
        ExpiredHotRows hotRows = new ExpiredHotRows(
                () -> List.of(CPU, MEM),
                (table, hold) -> Mono.just(table.equals(CPU) ? hot : List.of()),
                flushes(),
                Schedulers.immediate());
        RetentionMetrics metrics = new RetentionMetrics(registry);
        PolicyRun run = new PolicyRun(
                from, new ExpiredFiles(catalog, from), boundary, hotRows, metrics, 50, fixture.clock(), () -> 0);
        RetentionSettings retention =
                new RetentionSettings(true, Duration.ofSeconds(10), Duration.ofMinutes(1), 50, 0.25);
        return new Process(
                new RetentionWorker(from, leases, run, retention, fixture.clock()),
                new RetentionTrial(from, run, boundary, hotRows),
                new DeleteWorker(deletes, leases, rewrite, settings(), new SimpleMeterRegistry(), fixture.clock()));
    }

    private HotControl flushes() {
        return new HotControl() {
            @Override
            public Mono<Void> flush(HotArea area) {
                return Mono.<Void>fromRunnable(() -> {
                            flushed.add(area);
                            hot.forEach(
                                    part -> fixture.flush(CPU, part.batches().toArray(ColumnBatch[]::new)));
                            hot = List.of();
                        })
                        .subscribeOn(fixture.schedulers.io()); // for it waits
            }

            @Override
            public Mono<Void> close(HotArea area, Duration time) {
                throw new AssertionError();
            }

            @Override
            public Mono<Void> reopen(HotArea area) {
                throw new AssertionError();
            }
        };
    }

    private RetentionPolicy policy(Duration interval) {
        RetentionRule rule = new RetentionRule("p", "iot", "*", KEEP, interval, Boundary.REWRITE, true);
        Instant now = fixture.clock().instant();
        RetentionPolicy policy = new RetentionPolicy("p", "default", rule, now, 0, TaskState.firstDue(now));
        await(policies.add(policy, new AuditEntry(0, now, "default", "t", "retention.created", "p", "")));
        return policy;
    }

    /** A row a second from {@code HALF} on, for as many hours, numbered by the seconds since then. */
    private void flush(TableId table, int hours) {
        flush(table, 0, hours * 3600);
    }

    private void flush(TableId table, int from, int rows) {
        fixture.flush(table, TestBatches.rows(table.measurement(), "h", HALF + from * 1_000_000L, from, rows));
    }

    private static Long[] numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toArray(Long[]::new);
    }

    private List<Long> seen(TableId table) {
        try (Connection duck = CompactionFixture.duck()) {
            return fixture.seen(table, duck);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private double count(String name) {
        return registry.get(name).counter().count();
    }

    @Test
    void rowsThatAreTooOldGoFromFilesThatHoldYoungerOnes() {
        flush(CPU, -3600, 3600);
        flush(CPU, 2);
        policy(Duration.ofHours(1));
        Process process = process();
        assertThat(await(process.retention().turn())).isEqualTo(Turn.DONE);
        assertThat(seen(CPU)).as("at once").containsExactlyInAnyOrder(numbers(1800, 7200));
        assertThat(fixture.files(CPU)).as("rewritten later").hasSize(2);
        StoredDelete delete = await(fixture.deletes().list("default", "p", 10)).get(0);
        assertThat(delete.matchingRows()).isEqualTo(1800);
        assertThat(await(fixture.deletes().files(delete.id(), 10)))
                .extracting(DeletedFile::objectKey, DeletedFile::outcome) // LESSONS 30
                .containsExactly(tuple(file(HALF).objectKey(), FileOutcome.PENDING));
        assertThat(await(policies.runs("p", 9)))
                .extracting(
                        RetentionRun::files,
                        RetentionRun::rows,
                        RetentionRun::boundaryFiles,
                        RetentionRun::boundaryRows)
                .containsExactly(tuple(1L, 3600L, 1L, 1800L));
        assertThat(count("weir.retention.rows")).isEqualTo(3600);
        assertThat(count("weir.retention.boundary.files")).isEqualTo(1);
        assertThat(count("weir.retention.boundary.rows")).isEqualTo(1800);
        await(process.deletes().turn());
        assertThat(fixture.files(CPU)).extracting(DataFile::rows).containsExactlyInAnyOrder(1800L, 3600L);
        assertThat(seen(CPU)).containsExactlyInAnyOrder(numbers(1800, 7200));
        assertThat(await(fixture.deletes().list("default", "p", 10)))
                .as("what is done is in the history of the policy")
                .isEmpty();
    }

    @Test
    void aFileIsRewrittenAFewTimesHoweverOftenThePolicyRuns() {
        flush(CPU, 1);
        fixture.pass(Duration.ofMinutes(-30)); // no row is too old yet
        policy(Duration.ofMinutes(1));
        Process process = process();
        Set<String> files = new TreeSet<>();
        long written = -3600;
        for (int minute = 1; minute <= 60; minute++) {
            fixture.pass(Duration.ofMinutes(1));
            await(process.retention().turn());
            List<Long> seen = seen(CPU);
            long oldest = seen.stream().mapToLong(n -> n).min().orElse(3600);
            assertThat(oldest).as("minute %d: none too young went", minute).isLessThanOrEqualTo(60L * minute);
            assertThat(60L * minute - oldest)
                    .as("minute %d: none stays longer than a quarter of what is left", minute)
                    .isLessThanOrEqualTo((3600 - oldest) / 4 + 60);
            assertThat(seen).containsExactlyInAnyOrder(numbers(oldest, 3600));
            await(process.deletes().turn());
            for (DataFile file : fixture.files(CPU)) {
                written += files.add(file.objectKey()) ? file.rows() : 0;
            }
        }
        assertThat(fixture.files(CPU)).isEmpty();
        assertThat(files.size() - 1).as("rewritings").isBetween(4, 14);
        assertThat(written).as("rows written anew").isLessThanOrEqualTo(3L * 3600);
    }

    @Test
    void aFileThatWaitsToBeRewrittenIsNotDeletedFromAgain() {
        flush(CPU, 1);
        policy(Duration.ofMinutes(1));
        Process process = process();
        await(process.retention().turn());
        fixture.pass(Duration.ofMinutes(20));
        await(process.retention().turn());
        assertThat(await(fixture.deletes().list("default", "p", 10))).hasSize(1);
        assertThat(seen(CPU)).hasSize(1800);
        fixture.pass(Duration.ofMinutes(10));
        await(process.retention().turn());
        assertThat(fixture.files(CPU)).as("but it goes with its last row").isEmpty();
        assertThat(await(fixture.deletes().list("default", "p", 10))).allMatch(one -> one.ended() != null);
    }

    private RetentionTrial.Found tried(Process process, RetentionPolicy policy) {
        return await(process.trial().find(policy));
    }

    @Test
    void whoAsksForARunHasAllOfItAndIsToldBefore() {
        fixture.pass(Duration.ofMinutes(-29)); // a minute of the file is too old
        flush(CPU, -3600, 3600);
        flush(CPU, 1);
        RetentionPolicy policy = policy(Duration.ofHours(1));
        Process process = process();
        RetentionTrial.Found tried = tried(process, policy);
        DataFile old = file(HALF - HOUR);
        DataFile across = file(HALF);
        assertThat(tried.found()).containsExactly(new ExpiredRows(CPU, 1, 3600, old.sizeBytes(), 1, 3600));
        assertThat(tried.boundary())
                .containsExactly(new BoundaryRows(CPU, List.of(new BoundaryRows.OfFile(across, 60))));
        assertThat(tried.files()).hasSize(1);
        assertThat(seen(CPU)).as("nothing has changed").hasSize(7200);

        await(process.retention().turn());
        assertThat(seen(CPU)).as("by itself it waits").containsExactlyInAnyOrder(numbers(0, 3600));
        assertThat(await(process.retention().execute(policy))).isEqualTo(new Dropped(0, 0, 0, 1, 60));
        assertThat(seen(CPU)).containsExactlyInAnyOrder(numbers(60, 3600));
        assertThat(await(process.retention().execute(policy)))
                .as("what is deleted is not counted again, though it is in its file still")
                .isEqualTo(Dropped.NOTHING);
        assertThat(tried(process, policy).boundary()).isEmpty();
        fixture.pass(Duration.ofMinutes(1));
        assertThat(await(process.retention().execute(policy))).isEqualTo(new Dropped(0, 0, 0, 1, 60));
        await(process.deletes().turn());
        assertThat(fixture.files(CPU)).extracting(DataFile::rows).containsExactly(3480L);
    }

    private DataFile file(long minMicros) {
        return fixture.files(CPU).stream()
                .filter(file -> file.minMicros() == minMicros)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whoAsksHasHotRowsDroppedToo() {
        hot = List.of(new HotPart("f", List.of(TestBatches.rows("cpu", "h", HALF, 0, 3600))));
        RetentionPolicy policy = policy(Duration.ofHours(1));
        Process process = process();
        assertThat(tried(process, policy).hotRows()).isEqualTo(1800);
        assertThat(flushed).isEmpty();
        assertThat(await(process.retention().execute(policy))).isEqualTo(new Dropped(0, 0, 0, 1, 1800));
        assertThat(flushed).containsExactly(HotArea.of(CPU));
        assertThat(seen(CPU)).containsExactlyInAnyOrder(numbers(1800, 3600));
        hot = List.of(new HotPart("g", List.of(TestBatches.rows("cpu", "h", HALF + HOUR, 3600, 10))));
        await(process.retention().execute(policy));
        assertThat(flushed).as("young rows stay hot").hasSize(1);
    }

    @Test
    void rowsThatSomebodyDeletedAreNotCounted() {
        flush(CPU, 1);
        NewDelete delete = new NewDelete("d", CPU, "n < 900 OR n = 3000", false, TimeRange.ALL, 901);
        await(fixture.deletes().begin(delete, new AuditEntry(0, Instant.EPOCH, "default", "t", "a", "b", "")));
        RetentionPolicy policy = policy(Duration.ofHours(1));
        assertThat(tried(process(), policy).boundary().get(0).rows()).isEqualTo(900);
    }

    @Test
    void aFileThatCannotBeReadIsToldAndHoldsUpNoOther() throws Exception { // LESSONS 30
        flush(CPU, 1);
        flush(MEM, 1);
        RetentionPolicy policy = policy(Duration.ofHours(1));
        Path lost = fixture.objects.resolve(fixture.files(CPU).get(0).objectKey());
        Path kept = directory.resolve("kept");
        Files.move(lost, kept);
        Process process = process();
        assertThatThrownBy(() -> tried(process, policy)).as("a dry run says all or fails");
        assertThatThrownBy(() -> await(process.retention().turn()))
                .hasMessageContaining("1 of 1 retention policies failed; first: 1 files with rows that are too old");
        assertThat(seen(MEM)).hasSize(1800);
        TaskState state = await(policies.find("default", "p")).state();
        assertThat(state.failures()).isOne();
        assertThat(state.nextRun()).isEqualTo(fixture.clock().instant().plusSeconds(60));
        RetentionRun run = await(policies.runs("p", 1)).get(0);
        assertThat(run.boundaryRows()).isEqualTo(1800);
        assertThat(run.failure()).contains("could not be read");
        Files.move(kept, lost);
        fixture.pass(Duration.ofMinutes(1));
        await(process.retention().turn());
        assertThat(seen(CPU)).containsExactlyInAnyOrder(numbers(1860, 3600));
    }

    @Test
    void filesThatCompactionMergedMeanwhileAreLookedForAgain() {
        flush(CPU, 0, 1900);
        flush(CPU, 1000, 2600);
        policy(Duration.ofHours(1));
        fixture.pass(Duration.ofSeconds(1));
        FileRewrite rewrite = rewrite(new CrashPoints());
        AtomicBoolean merged = new AtomicBoolean();
        Compactor compactor = fixture.compactor(new CrashPoints(), "quiet", "1ms", "quiet-past", "1ms");
        Process process = process(
                new CrashPoints(),
                rewrite,
                (file, schema, predicate, deleted) -> (merged.getAndSet(true) ? Mono.empty() : compactor.turn())
                        .then(rewrite.count(file, schema, predicate, deleted)));
        await(process.retention().turn());
        assertThat(fixture.files(CPU)).as("merged").hasSize(1);
        RetentionRun run = await(policies.runs("p", 1)).get(0);
        assertThat(run.boundaryFiles()).isOne();
        assertThat(run.boundaryRows()).isEqualTo(1801 + 801);
        assertThat(seen(CPU)).allMatch(n -> n >= 1801).hasSize(1900 + 2600 - 1801 - 801);
        await(process.deletes().turn());
        assertThat(fixture.files(CPU).get(0).rows()).isEqualTo(1900 + 2600 - 1801 - 801);
    }

    @Test
    void whateverStepItIsKilledAtNoYoungRowIsLostAndEveryOldOneGoesInTheEnd() {
        long seed = Long.getLong("weir.retention.seed", System.nanoTime());
        System.out.println("BoundaryFilesTest seed " + seed);
        Random random = new Random(seed);
        RetentionPolicy policy = policy(Duration.ofMinutes(1));
        Set<Long> written = new TreeSet<>();
        long begin = fixture.clock().instant().getEpochSecond();
        int next = 0;
        int killed = 0;
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            int rows = 1 + random.nextInt(1200);
            flush(CPU, next, rows);
            for (int n = next; n < next + rows; n++) {
                written.add((long) n);
            }
            next += rows;
            fixture.pass(Duration.ofMinutes(random.nextInt(20)));
            CrashPoints crash = new CrashPoints(random.nextInt(25), random.nextBoolean());
            Process process = process(crash);
            Mono<?> work = switch (random.nextInt(4)) {
                case 0 -> process.retention().execute(policy);
                case 1 -> process.deletes().turn();
                case 2 ->
                    fixture.compactor(crash, "quiet", "1ms", "quiet-past", "1ms")
                            .turn();
                default -> process.retention().turn();
            };
            work.onErrorComplete().block(PATIENCE);
            process.deletes().awaitQuiet();
            killed += crash.isDead() ? 1 : 0;
            fixture.expireLeases();
            long cutoff = 1800 + fixture.clock().instant().getEpochSecond() - begin;
            List<Long> seen = seen(CPU);
            assertThat(new TreeSet<>(seen)).as("seed %d: each once", seed).hasSize(seen.size());
            assertThat(written).as("seed %d", seed).containsAll(seen);
            assertThat(seen)
                    .as("seed %d: young rows", seed)
                    .containsAll(written.stream().filter(n -> n >= cutoff).toList());
        }
        assertThat(killed).isGreaterThan(CYCLES / 5);
        Process last = process();
        await(last.retention().execute(policy));
        fixture.pass(Duration.ofHours(2)); // what failed while it was killed is due again
        long cutoff = 1800 + fixture.clock().instant().getEpochSecond() - begin;
        await(last.retention().execute(policy));
        await(last.deletes().turn());
        assertThat(await(fixture.catalog.snapshot(CPU, List.of())).deleted()).isEmpty();
        assertThat(seen(CPU))
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(
                        written.stream().filter(n -> n >= cutoff).toList());
    }
}
