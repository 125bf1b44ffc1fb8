package io.weir.ingest.compaction;

import static io.weir.ingest.compaction.CompactionFixture.HOUR;
import static io.weir.ingest.compaction.CompactionFixture.IOT;
import static io.weir.ingest.compaction.CompactionFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.error.WeirException;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.ColumnType;
import io.weir.common.stats.TagFilter;
import io.weir.common.supervise.Turn;
import io.weir.ingest.buffer.TestBatches;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.CompactionRun;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.FileChange;
import io.weir.storage.object.ObjectStore;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** What a compactor does and refuses. REQUIREMENTS L4. */
class CompactorTest {

    private static final TableId CPU = IOT.table("cpu");

    @TempDir
    Path directory;

    private CompactionFixture fixture;

    @BeforeEach
    void open() throws Exception {
        fixture = new CompactionFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void flush(int count, long first) {
        for (int i = 0; i < count; i++) {
            fixture.flush(CPU, TestBatches.rows("cpu", "h" + i % 3, first + i * 1_000L, i * 10L, 10));
        }
    }

    private double count(String name, String... tags) {
        return fixture.registry.get(name).tags(tags).counter().count();
    }

    @Test
    void smallFilesOfAnHourBecomeOneThenHoursOfADayBecomeOne() {
        flush(5, 0);
        flush(1, 2 * HOUR);
        Compactor compactor = fixture.compactor();
        assertThat(await(compactor.turn())).isEqualTo(Turn.DONE);
        assertThat(fixture.files(CPU)).as("files may still come").hasSize(6);
        fixture.pass(Duration.ofMinutes(10));
        await(compactor.turn());
        assertThat(fixture.files(CPU)).hasSize(2);
        fixture.pass(Duration.ofMinutes(10));
        await(compactor.turn());
        assertThat(fixture.files(CPU)).hasSize(1);
        assertThat(fixture.files(CPU).get(0).rows()).isEqualTo(60);
        assertThat(await(fixture.catalog.compaction().size())).isZero();
        assertThat(count("weir.compaction.runs", "outcome", "merged")).isEqualTo(2);
        assertThat(count("weir.compaction.files")).isEqualTo(7);
        assertThat(count("weir.compaction.rows")).isEqualTo(110);
        assertThat(await(fixture.catalog.compaction().runs(5)))
                .extracting(CompactionRun::inputFiles)
                .containsExactlyInAnyOrder(5L, 2L);
        flush(1, HOUR); // late
        fixture.compactAll(compactor);
        assertThat(fixture.files(CPU)).hasSize(1);
        assertThat(fixture.files(CPU).get(0).rows()).isEqualTo(70);
    }

    @Test
    void hoursOfOldDataAreMergedSoonAfterItsLastFile() { // REQUIREMENTS L4
        Compactor compactor = fixture.compactor("quiet-past", "2m");
        flush(2, 0);
        flush(2, fixture.now().toEpochMilli() * 1_000);
        fixture.pass(Duration.ofMinutes(1));
        flush(1, 0);
        fixture.pass(Duration.ofMinutes(1));
        await(compactor.turn());
        assertThat(fixture.files(CPU)).hasSize(5);
        fixture.pass(Duration.ofMinutes(1));
        await(compactor.turn());
        assertThat(fixture.files(CPU)).extracting(DataFile::rows).containsExactly(30L, 10L, 10L);
        fixture.pass(Duration.ofMinutes(7));
        await(compactor.turn());
        assertThat(fixture.files(CPU)).extracting(DataFile::rows).containsExactly(30L, 20L);
    }

    @Test
    void theTagsOfAMergedFileAreKnown() { // LESSONS 34
        flush(5, 0);
        fixture.compactAll(fixture.compactor());
        assertThat(fixture.files(CPU)).hasSize(1);
        assertThat(filesOfHost("h2")).isEqualTo(1);
        assertThat(filesOfHost("h1x")).isZero();
    }

    private int filesOfHost(String host) {
        TagFilter filter = schema -> tags -> tags.mayHave("host", range -> range.mayBe(host));
        return await(fixture.catalog.snapshot(CPU, TimeRange.ALL, filter, List.of()))
                .files()
                .size();
    }

    @Test
    void manyNewFilesAreMergedWhileMoreCome() {
        Compactor compactor = fixture.compactor("min-files", "4");
        flush(3, 0);
        await(compactor.turn());
        assertThat(fixture.files(CPU)).hasSize(3);
        flush(1, 0);
        await(compactor.turn());
        assertThat(fixture.files(CPU)).hasSize(1);
        assertThat(await(fixture.catalog.compaction().size()))
                .as("it is not settled")
                .isEqualTo(1);
    }

    @Test
    void noRemainderIsLeftWhateverTheNumberOfFiles() { // LESSONS 23
        for (int files = 2; files < 14; files++) {
            TableId table = IOT.table("m" + files);
            for (int i = 0; i < files; i++) {
                fixture.flush(table, TestBatches.rows(table.measurement(), "h", i * 1_000L, i, 1 + i % 4 * 50));
            }
        }
        fixture.compactAll(fixture.compactor("max-files", "4", "parallelism", "2"));
        for (int files = 2; files < 14; files++) {
            assertThat(fixture.files(IOT.table("m" + files)))
                    .as("of %d files", files)
                    .hasSize(1);
        }
    }

    @Test
    void ofManyTriggersOneRunsAndTheOthersAreRefused() { // LESSONS 28
        flush(3, 0);
        Sinks.Empty<Void> goOn = Sinks.empty();
        ObjectStore slow = slowPuts(goOn);
        Compactor here =
                fixture.compactor(fixture.catalog, fixture.catalog.compaction(), fixture.leases(), slow, fixture.store);
        Compactor there = fixture.compactor();
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger accepted = new AtomicInteger();
        await(Flux.range(0, 32)
                .flatMap(
                        n -> Mono.defer(here::trigger)
                                .subscribeOn(Schedulers.parallel())
                                .doOnSuccess(begun -> accepted.incrementAndGet())
                                .onErrorResume(CompactorTest::isRunning, e -> {
                                    refused.incrementAndGet();
                                    return Mono.empty();
                                }),
                        32)
                .then());
        assertThat(accepted).hasValue(1);
        assertThat(refused).hasValue(31);
        assertThatThrownBy(() -> await(there.trigger()))
                .as("of another process")
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CompactionError.COMPACTION_RUNNING));
        assertThat(await(there.turn())).isEqualTo(Turn.SKIPPED);
        assertThat(here.isRunning()).isTrue();
        goOn.tryEmitEmpty();
        Awaitility.await().until(() -> !here.isRunning());
        assertThat(fixture.files(CPU)).hasSize(1);
        await(there.trigger());
        Awaitility.await().until(() -> !there.isRunning());
    }

    private static boolean isRunning(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == CompactionError.COMPACTION_RUNNING;
    }

    private ObjectStore slowPuts(Sinks.Empty<Void> goOn) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            Object result = method.invoke(fixture.store, arguments);
            return method.getName().equals("put") ? goOn.asMono().then((Mono<?>) result) : result;
        };
        return (ObjectStore)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {ObjectStore.class}, handler);
    }

    @Test
    void whoHasLostTheLeaseChangesNothing() { // LESSONS 29
        flush(4, 0);
        fixture.pass(Duration.ofHours(1));
        Sinks.Empty<Void> goOn = Sinks.empty();
        CompletableFuture<Void> reached = new CompletableFuture<>();
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            if (method.getName().equals("change")) {
                return Mono.fromRunnable(() -> reached.complete(null))
                        .then(goOn.asMono())
                        .then(Mono.defer(() -> fixture.catalog.change((FileChange) arguments[0])));
            }
            return method.invoke(fixture.catalog, arguments);
        };
        Catalog stuck =
                (Catalog) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Catalog.class}, handler);
        Compactor first =
                fixture.compactor(stuck, fixture.catalog.compaction(), fixture.leases(), fixture.store, fixture.store);
        CompletableFuture<Turn> outcome = first.turn().toFuture();
        reached.join();
        fixture.expireLeases();
        Compactor second = fixture.compactor();
        assertThat(await(second.turn())).isEqualTo(Turn.DONE);
        List<DataFile> after = fixture.files(CPU);
        assertThat(after).hasSize(1);
        goOn.tryEmitEmpty();
        assertThatThrownBy(outcome::join)
                .hasCauseInstanceOf(WeirException.class)
                .satisfies(
                        e -> assertThat(((WeirException) e.getCause()).code()).isEqualTo(CatalogError.LEASE_LOST));
        assertThat(fixture.files(CPU)).isEqualTo(after);
    }

    @Test
    void aFileThatCannotBeReadIsLeftOutAndTriedAgainLater() throws Exception {
        flush(5, 0);
        List<DataFile> files = fixture.files(CPU);
        Path damaged = fixture.objects.resolve(files.get(1).objectKey());
        byte[] whole = Files.readAllBytes(damaged);
        byte[] bytes = whole.clone();
        Arrays.fill(bytes, 4, 44, (byte) 0xff); // the first page
        Files.write(damaged, bytes);
        Path missing = fixture.objects.resolve(files.get(3).objectKey());
        Path kept = Files.move(missing, directory.resolve("kept"));
        fixture.pass(Duration.ofHours(1));
        Compactor compactor = fixture.compactor();
        assertThat(await(compactor.turn())).as("it never wedges the partition").isEqualTo(Turn.DONE);
        assertThat(fixture.files(CPU)).hasSize(3);
        assertThat(fixture.files(CPU).stream().mapToLong(DataFile::rows).sum()).isEqualTo(50);
        assertThat(compactor.quarantinedFiles()).isEqualTo(2);
        assertThat(fixture.registry.get("weir.compaction.quarantined").gauge().value())
                .isEqualTo(2);
        assertThat(await(fixture.catalog.compaction().quarantined(10)))
                .extracting(file -> file.objectKey())
                .containsExactlyInAnyOrder(
                        files.get(1).objectKey(), files.get(3).objectKey());
        assertThat(await(fixture.catalog.compaction().runs(10)))
                .filteredOn(run -> !run.failure().isEmpty())
                .hasSize(2);
        Files.write(damaged, whole);
        Files.move(kept, missing);
        fixture.pass(Duration.ofDays(2));
        flush(1, 0);
        fixture.compactAll(compactor);
        assertThat(fixture.files(CPU)).hasSize(1);
        assertThat(fixture.files(CPU).get(0).rows()).isEqualTo(60);
        assertThat(compactor.quarantinedFiles()).isZero();
    }

    @Test
    void aPartitionThatFailsIsTriedLaterWithFewerFilesAndDisturbsNoOther() {
        flush(4, 0);
        TableId mem = IOT.table("mem");
        fixture.flush(mem, TestBatches.rows("mem", "a", 0, 0, 5));
        fixture.flush(mem, TestBatches.rows("mem", "a", 0, 0, 5));
        fixture.pass(Duration.ofHours(1));
        InvocationHandler handler = (proxy, method, arguments) -> {
            Object result = method.invoke(fixture.store, arguments);
            return method.getName().equals("put") && arguments[0].toString().contains("/cpu/")
                    ? Mono.error(new IllegalStateException("injected"))
                    : result;
        };
        ObjectStore broken = (ObjectStore)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {ObjectStore.class}, handler);
        Compactor failing = fixture.compactor(
                fixture.catalog, fixture.catalog.compaction(), fixture.leases(), broken, fixture.store);
        assertThatThrownBy(() -> await(failing.turn()))
                .hasMessageContaining("1 of 2 partitions could not be compacted; first: injected");
        assertThat(fixture.files(CPU)).hasSize(4);
        assertThat(fixture.files(mem)).hasSize(1);
        assertThat(await(failing.turn())).as("it has to wait").isEqualTo(Turn.DONE);
        fixture.pass(Duration.ofMinutes(11));
        await(fixture.compactor("max-files", "4").turn());
        assertThat(await(fixture.catalog.compaction().runs(10)))
                .filteredOn(run ->
                        run.partition().table().equals(CPU) && run.failure().isEmpty())
                .extracting(CompactionRun::inputFiles)
                .containsOnly(2L);
    }

    @Test
    void namesOfOutputsNeverMeet() { // LESSONS 18
        Set<String> names = new HashSet<>();
        Compactor compactor = fixture.compactor("min-files", "2");
        for (int i = 0; i < 20; i++) {
            flush(2, 0);
            await(compactor.turn());
            fixture.files(CPU).forEach(file -> names.add(file.objectKey()));
        }
        assertThat(count("weir.compaction.runs", "outcome", "merged")).isEqualTo(20);
        assertThat(fixture.files(CPU).stream().mapToLong(DataFile::rows).sum()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofRowsOfOneSeriesAndTimeTheLastValueOfEachFieldStays(boolean saidInTheCatalog)
            throws Exception { // issue 6, item 2
        long seed = Long.getLong("weir.compaction.seed", System.nanoTime());
        System.out.println("CompactorTest last-wins seed " + seed);
        Random random = new Random(seed);
        Map<List<Object>, Object[]> model = new TreeMap<>(java.util.Comparator.comparing(Object::toString));
        Compactor compactor = saidInTheCatalog
                ? fixture.compactor("max-files", "3", "min-files", "3")
                : fixture.compactor("last-wins", "iot/cpu", "max-files", "3", "min-files", "3");
        if (saidInTheCatalog) {
            fixture.flush(CPU, randomBatch(random, model)); // makes the measurement
            await(fixture.catalog.setDedup(CPU, Dedup.LAST));
        }
        for (int step = 0; step < 60; step++) {
            fixture.flush(CPU, randomBatch(random, model), randomBatch(random, model));
            if (random.nextInt(4) == 0) {
                fixture.pass(Duration.ofMinutes(random.nextInt(15)));
                await(compactor.turn());
            }
        }
        fixture.compactAll(compactor);
        List<List<Object>> expected = new ArrayList<>();
        model.forEach((key, values) -> expected.add(Arrays.asList(key.get(0), key.get(1), values[0], values[1])));
        try (Connection duck = CompactionFixture.duck()) {
            assertThat(fixture.rows(CPU, "host, epoch_us(time), a, b", duck))
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
        assertThat(fixture.files(CPU)).hasSize(2);
    }

    private static ColumnBatch randomBatch(Random random, Map<List<Object>, Object[]> model) {
        int rows = 1 + random.nextInt(8);
        long[] times = new long[rows];
        int[] seriesOfRow = new int[rows];
        long[] integers = new long[rows];
        double[] doubles = new double[rows];
        long[][] valid = {new long[1], new long[1]};
        for (int row = 0; row < rows; row++) {
            times[row] = random.nextInt(2) * 24 * HOUR + random.nextInt(3) * HOUR + random.nextInt(4);
            seriesOfRow[row] = random.nextInt(3);
            Object[] values = model.computeIfAbsent(List.of("h" + seriesOfRow[row], times[row]), key -> new Object[2]);
            if (row == 0 || random.nextBoolean()) {
                valid[0][0] |= 1L << row;
                integers[row] = random.nextInt(1_000);
                values[0] = integers[row];
            }
            if (row == 0 || random.nextBoolean()) {
                valid[1][0] |= 1L << row;
                doubles[row] = random.nextInt(1_000) / 8.0;
                values[1] = doubles[row];
            }
        }
        SeriesTable table = new SeriesTable(
                3, List.of("host"), new int[][] {{0, 1, 2}}, new Utf8Dictionary[] {Utf8Dictionary.of("h0", "h1", "h2")
                });
        List<FieldColumn> fields = List.of(
                new LongColumn("a", ColumnType.INT64, integers, valid[0]), new DoubleColumn("b", doubles, valid[1]));
        return new ColumnBatch("cpu", rows, times, null, table, seriesOfRow, fields);
    }
}
