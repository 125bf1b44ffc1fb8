package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import io.weir.common.limit.OrganisationLimits;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What every catalog does for whoever copies it or puts a copy back; each database's test extends it. Issue 6, item 6. */
abstract class ContentsContract extends CatalogFixture {

    private static final long HOUR = 3_600_000_000L;
    private static final Organisation DEFAULT =
            new Organisation("default", Instant.EPOCH, new OrganisationLimits(0, 0, 0, 0, 0));

    private CatalogContents contents() {
        return new R2dbcCatalog(connections().factory(), clock(), OPERATION).contents();
    }

    private List<CatalogRow> all() {
        List<CatalogRow> rows = new ArrayList<>();
        await(contents().read(some -> Mono.fromRunnable(() -> rows.addAll(some))));
        return rows;
    }

    private static String newId() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    private static DataFile file(String key, long hour, long rows) {
        return new DataFile(key, hour * HOUR, hour * HOUR + 5, rows, 4_000 + rows);
    }

    private static Restoration copy(boolean replace, String origin, CatalogRow... rows) {
        return new Restoration(newId(), Flux.fromIterable(Arrays.asList(rows)), Set.of(origin), replace);
    }

    private static CatalogRow measurement(long number, TableId table, Column... columns) {
        return new CatalogRow.OfMeasurement(
                number, table, MeasurementSchema.of(List.of(columns), false), Optional.empty());
    }

    private static CatalogRow of(long number, DataFile file) {
        return new CatalogRow.OfFile(number, file);
    }

    private static CatalogRow iot() {
        return new CatalogRow.OfDatabase(IOT);
    }

    private List<DataFile> files(TableId table) {
        return await(catalog().snapshot(table, List.of())).files();
    }

    private void commit(String id, DataFile... files) {
        await(catalog().commit(new FlushCommit(id, CPU, "wal", 1, 1, List.of(files))));
    }

    private void assertFails(Restoration copy, String code, String sentence) {
        List<CatalogRow> before = all();
        for (Mono<Restored> attempt :
                List.of(contents().tryRestore(copy), contents().restore(copy))) {
            assertThatThrownBy(() -> await(attempt))
                    .isInstanceOfSatisfying(
                            WeirException.class, e -> assertThat(e.code().id()).isEqualTo(code))
                    .hasMessageContaining(sentence);
        }
        assertThat(all()).isEqualTo(before);
    }

    @Test
    void everythingThatDescribesDataIsReadAsOfOneMoment() {
        prepareCpu();
        await(catalog().addColumns(MEM, List.of(LOAD, HOST), true));
        await(catalog().setDedup(MEM, Dedup.LAST));
        commit("f1", file("b", 1, 10), file("a", 2, 20));
        AtomicInteger pages = new AtomicInteger();
        List<CatalogRow> rows = new ArrayList<>();
        await(contents()
                .read(some -> Mono.defer(() -> {
                    rows.addAll(some);
                    return pages.incrementAndGet() > 1
                            ? Mono.empty()
                            : Mono.fromFuture(() -> catalog() // in a transaction of its own
                                    .commit(new FlushCommit("f2", CPU, "wal", 2, 2, List.of(file("c", 3, 30))))
                                    .toFuture());
                })));
        long cpu = rows.stream()
                .filter(CatalogRow.OfMeasurement.class::isInstance)
                .map(CatalogRow.OfMeasurement.class::cast)
                .filter(row -> row.table().equals(CPU))
                .findFirst()
                .orElseThrow()
                .number();
        assertThat(rows.subList(0, 2)).containsExactly(new CatalogRow.OfOrganisation(DEFAULT), iot());
        assertThat(rows.subList(2, 4))
                .contains(measurement(cpu, CPU, HOST))
                .anySatisfy(row -> assertThat(row).isInstanceOfSatisfying(CatalogRow.OfMeasurement.class, mem -> {
                    assertThat(mem.schema()).isEqualTo(MeasurementSchema.of(List.of(LOAD, HOST), true));
                    assertThat(mem.dedup()).contains(Dedup.LAST);
                }));
        assertThat(rows.subList(4, rows.size()))
                .as("what came meanwhile is not in it")
                .containsExactly(of(cpu, file("a", 2, 20)), of(cpu, file("b", 1, 10)));
        assertThat(files(CPU)).hasSize(3);
    }

    @Test
    void manyFilesAreReadPageByPageInOrderOfTheirKeys() {
        prepareCpu();
        DataFile[] many = LongStream.range(0, 4_500)
                .mapToObj(n -> file(String.format("k%05d", (n * 7919) % 4_500), n % 50, 1))
                .toArray(DataFile[]::new);
        commit("f1", many);
        assertThat(all().stream()
                        .filter(CatalogRow.OfFile.class::isInstance)
                        .map(row -> ((CatalogRow.OfFile) row).file().objectKey()))
                .hasSize(4_500)
                .isSorted();
    }

    @Test
    void aCopyOfAnotherCatalogIsPutBesideWhatIsHereAndOnlyOnce() {
        prepareCpu();
        commit("f1", file("here", 1, 10));
        String before = await(catalog().version(CPU));
        Restoration copy = copy(
                false,
                "another",
                new CatalogRow.OfOrganisation(DEFAULT),
                new CatalogRow.OfOrganisation(
                        new Organisation("acme", Instant.ofEpochSecond(7), new OrganisationLimits(1, 2, 3, 4, 5))),
                iot(),
                new CatalogRow.OfDatabase(new DatabaseId("acme", "plant")),
                measurement(0, CPU, HOST, LOAD),
                new CatalogRow.OfMeasurement(
                        1,
                        new TableId("acme", "plant", "m"),
                        MeasurementSchema.of(List.of(LOAD), true),
                        Optional.of(Dedup.LAST)),
                of(0, file("copied", 1, 7)),
                of(1, file("of-m", 5, 3)));
        assertThat(await(contents().tryRestore(copy))).isEqualTo(new Restored(1, 1, 2, 10, 0, 0, 0, 0));
        assertThat(await(catalog().version(CPU))).as("trying changes nothing").isEqualTo(before);
        assertThat(await(contents().restore(copy))).isEqualTo(new Restored(1, 1, 2, 10, 0, 0, 0, 0));
        assertThat(files(CPU)).containsExactlyInAnyOrder(file("here", 1, 10), file("copied", 1, 7));
        assertThat(await(catalog().version(CPU))).isNotEqualTo(before);
        TableSnapshot plant = await(catalog().snapshot(new TableId("acme", "plant", "m"), List.of()));
        assertThat(plant.schema()).isEqualTo(MeasurementSchema.of(List.of(LOAD), true));
        assertThat(plant.dedup()).contains(Dedup.LAST);
        assertThat(all())
                .contains(new CatalogRow.OfOrganisation(
                        new Organisation("acme", Instant.ofEpochSecond(7), new OrganisationLimits(1, 2, 3, 4, 5))));
        assertThat(await(contents().origins())).contains("another").hasSize(2);
        assertThat(await(contents().restore(copy))).as("again").isEqualTo(new Restored(0, 0, 0, 0, 2, 10, 0, 0));
        assertThat(files(CPU)).hasSize(2);
        long queued = await(new R2dbcCatalog(connections().factory(), clock(), OPERATION)
                .compaction()
                .size());
        assertThat(queued).as("partitions to be compacted").isEqualTo(2);
        assertThat(await(history().since(CPU, 0, List.of())).commits())
                .as("who follows the catalog sees it as a change")
                .anyMatch(commit -> !commit.flush());
    }

    @Test
    void columnsAtOtherPlacesAreRefusedAndMoreOfThemAreNot() { // a column's place is its name in files
        prepareCpu();
        commit("f1", file("here", 1, 10));
        assertFails(
                copy(false, "x", iot(), measurement(0, CPU, LOAD, HOST), of(0, file("n", 9, 1))),
                "column-conflict",
                "column 1 of default/iot/cpu is \"host\" (tag) here and \"load\" (float) in the copy");
        await(contents().restore(copy(false, "x", iot(), measurement(0, CPU), of(0, file("n", 9, 1)))));
        assertThat(await(catalog().snapshot(CPU, List.of())).schema().columns()).containsExactly(HOST);
    }

    @Test
    void aFileThatIsHereAndIsAnotherOneIsRefused() {
        prepareCpu();
        commit("f1", file("here", 1, 10));
        assertFails(
                copy(false, "x", iot(), measurement(0, CPU, HOST), of(0, file("here", 1, 11))),
                "commit-conflict",
                "file here is here already and is another one: it has 4010 bytes (expected: 4011");
        assertFails(
                copy(false, "x", iot(), measurement(0, MEM, HOST), of(0, file("here", 1, 10))),
                "commit-conflict",
                "of default/iot/mem");
    }

    @Test
    void rowsThatAreHereInAMergedFileAreNotRestoredBesideIt() { // LESSONS 19
        prepareCpu();
        commit("f1", file("a", 1, 10), file("b", 1, 20), file("c", 7, 5));
        String own = await(upkeep().identity());
        CatalogRow[] rows = {
            iot(), measurement(0, CPU, HOST), of(0, file("a", 1, 10)), of(0, file("b", 1, 20)), of(0, file("c", 7, 5))
        };
        await(catalog().change(new FileChange("merge", CPU, List.of(file("ab", 1, 30)), List.of("a", "b"), null)));
        await(upkeep().gone(List.of("a", "b")));
        await(upkeep().forgetGone(clock().instant().plus(Duration.ofDays(1))));
        assertFails(copy(false, own, rows), "commit-conflict", "may be here already, in file ab");
        // The same of a catalog that was restored from that one.
        await(contents().restore(copy(false, "grandmother", iot())));
        assertFails(copy(false, "grandmother", rows), "commit-conflict", "may be here already, in file ab");
        assertThat(await(contents().restore(copy(true, own, rows)))).isEqualTo(new Restored(0, 0, 2, 30, 1, 5, 1, 30));
        assertThat(files(CPU)).extracting(DataFile::objectKey).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void filesThatWereLostComeBackBesideOthersOfOtherHours() {
        prepareCpu();
        commit("f1", file("a", 1, 10), file("b", 2, 20));
        String own = await(upkeep().identity());
        await(upkeep().dropFiles(List.of("a")));
        commit("f2", file("c", 3, 1));
        await(contents()
                .restore(copy(
                        false,
                        own,
                        iot(),
                        measurement(0, CPU, HOST),
                        of(0, file("a", 1, 10)),
                        of(0, file("b", 2, 20)))));
        assertThat(files(CPU)).extracting(DataFile::objectKey).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void replacingTakesTheCopysColumnsAndCondemnsEveryOtherFileOfItsDatabases() {
        prepareCpu();
        await(catalog().addColumns(MEM, List.of(HOST), false));
        DatabaseId other = new DatabaseId("default", "other");
        await(catalog().createDatabase(other));
        await(catalog().addColumns(other.table("m"), List.of(LOAD), false));
        commit("f1", file("old", 1, 10));
        await(catalog().commit(new FlushCommit("f2", MEM, "wal", 2, 2, List.of(file("of-mem", 1, 4)))));
        await(catalog().commit(new FlushCommit("f3", other.table("m"), "wal", 3, 3, List.of(file("stays", 1, 9)))));
        await(catalog().setDedup(CPU, Dedup.LAST));
        Restoration copy = copy(true, "x", iot(), measurement(0, CPU, LOAD, HOST), of(0, file("new", 1, 2)));
        assertThat(await(contents().restore(copy))).isEqualTo(new Restored(0, 0, 1, 2, 0, 0, 2, 14));
        TableSnapshot cpu = await(catalog().snapshot(CPU, TimeRange.ALL, List.of()));
        assertThat(cpu.files()).containsExactly(file("new", 1, 2));
        assertThat(cpu.schema().columns()).containsExactly(LOAD, HOST);
        assertThat(cpu.dedup()).isEmpty();
        assertThat(files(MEM)).isEmpty();
        assertThat(files(other.table("m")))
                .as("of a database that is not in the copy")
                .hasSize(1);
        assertThat(await(upkeep().removable(null, 10)))
                .extracting(RemovedFile::objectKey)
                .containsExactlyInAnyOrder("of-mem", "old");
    }

    @Test
    void aFileOnItsWayOutOfTheStoreIsRefused() {
        prepareCpu();
        await(upkeep().condemn(List.of("n")));
        assertFails(
                copy(false, "x", iot(), measurement(0, CPU, HOST), of(0, file("n", 9, 1))), "file-removed", "object n");
    }

    @Test
    void readersAreCounted() {
        assertThat(await(contents().readers())).isZero();
        await(upkeep().renewReader("r", 0, Duration.ofMinutes(1)));
        assertThat(await(contents().readers())).isOne();
        await(upkeep().endReader("r"));
        assertThat(await(contents().readers())).isZero();
    }

    @Test
    void whatIsSaidOfDuplicatesIsKeptForAMeasurement() { // issue 6, item 2
        prepareCpu();
        assertThat(await(catalog().dedup(CPU))).isEmpty();
        assertThat(await(catalog().snapshot(CPU, List.of())).dedup()).isEmpty();
        for (Dedup dedup : Dedup.values()) {
            await(catalog().setDedup(CPU, dedup));
            reopen();
            assertThat(await(catalog().dedup(CPU))).contains(dedup);
            assertThat(await(catalog().snapshot(CPU, List.of())).dedup()).contains(dedup);
        }
        assertThat(await(catalog().dedup(MEM)))
                .as("there is no such measurement")
                .isNull();
        assertThatThrownBy(() -> await(catalog().setDedup(MEM, Dedup.LAST)))
                .hasMessageContaining("measurement default/iot/mem does not exist");
    }
}
