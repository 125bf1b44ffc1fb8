package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.CommonError;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What deletes and drops do in every catalog. REQUIREMENTS L3. */
abstract class DeleteContract extends CatalogFixture {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String NAMES = "host = 'a'";

    @BeforeEach
    void commitThreeFiles() {
        prepareCpu();
        await(catalog().commit(flush("f", 1, 9, 3)));
    }

    private Deletes deletes() {
        return new R2dbcDeletes(connections().factory(), clock(), OPERATION, 100);
    }

    private static AuditEntry entry(String act) {
        return new AuditEntry(0, Instant.now(), IOT.organisation(), "tester", act, "it", "");
    }

    private StoredDelete begin(String id, String predicate, TimeRange times) {
        return await(deletes().begin(new NewDelete(id, CPU, predicate, false, times, 7), entry("rows.deleted")));
    }

    private Map<String, List<String>> hidden() {
        return await(catalog().snapshot(CPU, List.of())).deleted();
    }

    private DataFile file(String key) {
        return await(catalog().snapshot(CPU, List.of())).files().stream()
                .filter(file -> file.objectKey().equals(key))
                .findFirst()
                .orElseThrow();
    }

    private FileChange change(String id, List<DataFile> added, List<String> removed, String... applied) {
        return new FileChange(id, CPU, added, removed, null, Set.of(applied));
    }

    @Test
    void aDeleteIsOfTheFilesThatAreThereAndOfNoLaterOnes() {
        String version = await(catalog().version(CPU));
        StoredDelete begun = begin("d1", NAMES, TimeRange.ALL);
        assertThat(begun.files()).isEqualTo(3);
        assertThat(begun.pendingFiles()).isEqualTo(3);
        assertThat(begun.ended()).isNull();
        assertThat(await(catalog().version(CPU))).isNotEqualTo(version); // REQUIREMENTS C6
        await(catalog().commit(flush("g", 10, 12, 2)));
        assertThat(hidden()).containsOnlyKeys("f-0", "f-1", "f-2").containsEntry("f-0", List.of(NAMES));
        assertThat(await(history().since(CPU, -1, List.of())))
                .as("newest rows are not kept of it")
                .isNull();
    }

    @Test
    void aRepeatedDeleteIsOne() { // LESSONS 15
        begin("d1", NAMES, TimeRange.ALL);
        await(catalog().commit(flush("g", 10, 12, 2)));
        assertThat(begin("d1", NAMES, TimeRange.ALL).files()).isEqualTo(3);
        assertThat(hidden()).hasSize(3);
        assertThat(list(sql().sql("SELECT act FROM audit_log")
                        .map(row -> Rows.text(row, 0))
                        .all()))
                .containsExactly("rows.deleted");
    }

    @Test
    void filesOfOtherTimesAreNotItsAndWithoutAnyItIsOver() {
        DataFile first = file("f-0");
        StoredDelete begun = begin("d1", NAMES, new TimeRange(first.minMicros(), first.minMicros()));
        assertThat(hidden()).containsOnlyKeys("f-0");
        assertThat(begun.files()).isOne();
        StoredDelete nothing = begin("d2", NAMES, new TimeRange(first.minMicros() - 9, first.minMicros() - 1));
        assertThat(nothing.files()).isZero();
        assertThat(nothing.ended()).isNotNull();
    }

    @Test
    void whatIsReadForABackupHasNoDeletedRows() {
        CatalogContents contents = new R2dbcCatalog(connections().factory(), clock(), OPERATION).contents();
        await(contents.read(rows -> Mono.empty()));
        begin("d1", NAMES, TimeRange.ALL);
        assertThat(ChangeContract.failure(contents.read(rows -> Mono.empty()))).isEqualTo(CatalogError.DELETES_PENDING);
    }

    @Test
    void aFileTakesTheDeletesOfThoseItReplacesOrIsRefused() { // LESSONS 19
        begin("d1", NAMES, TimeRange.ALL);
        DataFile merged = new DataFile("m-0", 0, 29, 100, 1);
        assertThat(ChangeContract.failure(catalog().change(change("c1", List.of(merged), List.of("f-0", "f-1")))))
                .as("a compaction that knew of no delete")
                .isEqualTo(CatalogError.COMMIT_CONFLICT);
        begin("d2", "load > 1", TimeRange.ALL);
        assertThat(ChangeContract.failure(catalog().change(change("c2", List.of(merged), List.of("f-0"), "d1"))))
                .as("a rewriting that knew of one")
                .isEqualTo(CatalogError.COMMIT_CONFLICT);
        assertThat(hidden().get("f-0")).containsExactly(NAMES, "load > 1");
        DataFile rest = new DataFile("r-0", 0, 9, file("f-0").rows() - 4, 1);
        await(catalog().change(change("c3", List.of(rest), List.of("f-0"), "d1", "d2")));
        assertThat(hidden()).containsOnlyKeys("f-1", "f-2");
        assertThat(await(deletes().files("d1", 10)))
                .extracting(DeletedFile::objectKey, DeletedFile::outcome, DeletedFile::removedRows)
                .contains(org.assertj.core.groups.Tuple.tuple("f-0", FileOutcome.REWRITTEN, 4L));
        assertThat(ChangeContract.failure(catalog().change(change("c4", List.of(merged), List.of("r-0"), "d1"))))
                .as("applied twice")
                .isEqualTo(CatalogError.COMMIT_CONFLICT);
    }

    @Test
    void itIsOverWithItsLastFileWhateverBecameOfThat() { // LESSONS 30
        begin("d1", NAMES, TimeRange.ALL);
        Lease lease = await(leases().acquire("deletes", "a", LONG));
        await(catalog().change(change("c1", List.of(), List.of("f-0"), "d1")));
        await(catalog().change(change("c2", List.of(), List.of("f-1")))); // as retention does
        assertThat(await(deletes().find(IOT.organisation(), "d1")).pendingFiles())
                .isOne();
        await(deletes().failed("f-2", Instant.now().plusSeconds(600), "it cannot be read"));
        assertThat(await(deletes().failing())).isOne();
        assertThat(await(deletes().due(10))).isEmpty();
        await(deletes().unchanged(CPU, file("f-2"), Set.of("d1"), lease));
        assertThat(await(deletes().files("d1", 10)))
                .extracting(DeletedFile::outcome)
                .containsExactlyInAnyOrder(FileOutcome.REMOVED, FileOutcome.GONE, FileOutcome.UNCHANGED);
        assertThat(await(deletes().find(IOT.organisation(), "d1")).ended()).isNotNull();
        assertThat(hidden()).isEmpty();
        assertThat(await(history().since(CPU, -1, List.of()))).isNotNull();
        assertThat(await(deletes().find("another", "d1")))
                .as("of its organisation")
                .isNull(); // invariant 8
        assertThat(await(deletes().list(IOT.organisation(), "", 10))).hasSize(1);
        assertThat(await(deletes().forget(Instant.now().plusSeconds(60)))).isOne();
        assertThat(await(deletes().list(IOT.organisation(), "", 10))).isEmpty();
    }

    @Test
    void whoLostItsLeaseSettlesNothing() { // LESSONS 29
        begin("d1", NAMES, TimeRange.ALL);
        Lease lease = await(leases().acquire("deletes", "a", LONG));
        await(leases().release(lease));
        assertThat(ChangeContract.failure(deletes().unchanged(CPU, file("f-2"), Set.of("d1"), lease)))
                .isEqualTo(CatalogError.LEASE_LOST);
        assertThat(hidden()).hasSize(3);
    }

    private PolicyDelete ofPolicy(String id, Lease lease, String... files) {
        NewDelete delete = new NewDelete(id, CPU, NAMES, true, TimeRange.ALL, 7);
        return new PolicyDelete(delete, "p1", List.of(files), lease);
    }

    @Test
    void aDeleteOfAPolicyIsOfItsFilesAloneAndTheAuditLogSaysNothingOfIt() { // REQUIREMENTS L1
        Lease lease = await(leases().acquire("retention", "a", LONG));
        StoredDelete begun = await(deletes().begin(ofPolicy("d1", lease, "f-0", "f-2")));
        assertThat(begun.files()).isEqualTo(2);
        assertThat(hidden()).containsOnlyKeys("f-0", "f-2");
        assertThat(await(deletes().begin(ofPolicy("d1", lease, "f-0", "f-2"))))
                .as("repeated") // LESSONS 15
                .isEqualTo(begun);
        assertThat(list(sql().sql("SELECT act FROM audit_log")
                        .map(row -> Rows.text(row, 0))
                        .all()))
                .isEmpty();
        begin("d2", NAMES, TimeRange.ALL);
        assertThat(await(deletes().list(IOT.organisation(), "p1", 10)))
                .extracting(StoredDelete::id)
                .containsExactly("d1");
        assertThat(await(deletes().list(IOT.organisation(), "", 10)))
                .extracting(StoredDelete::id)
                .containsExactly("d2");
        assertThat(await(deletes().list("another", "p1", 10))).isEmpty(); // invariant 8
    }

    @Test
    void aDeleteOfAPolicyIsForgottenOnceItIsOver() {
        Lease lease = await(leases().acquire("retention", "a", LONG));
        await(deletes().begin(ofPolicy("d1", lease, "f-0")));
        assertThat(await(deletes().forget(Instant.EPOCH))).isZero();
        await(catalog().change(change("c1", List.of(), List.of("f-0"), "d1")));
        begin("d2", NAMES, new TimeRange(Long.MIN_VALUE, Long.MIN_VALUE));
        assertThat(await(deletes().forget(Instant.EPOCH))).isOne();
        assertThat(await(deletes().find(IOT.organisation(), "d1"))).isNull();
        assertThat(await(deletes().files("d1", 10))).isEmpty();
        assertThat(await(deletes().find(IOT.organisation(), "d2"))).isNotNull();
    }

    @Test
    void aDeleteOfFilesThatAreGoneOrWithoutItsLeaseIsNone() { // LESSONS 29
        Lease lease = await(leases().acquire("retention", "a", LONG));
        await(catalog().change(change("c1", List.of(), List.of("f-1"))));
        assertThat(ChangeContract.failure(deletes().begin(ofPolicy("d1", lease, "f-0", "f-1"))))
                .isEqualTo(CatalogError.COMMIT_CONFLICT);
        await(leases().release(lease));
        assertThat(ChangeContract.failure(deletes().begin(ofPolicy("d2", lease, "f-0"))))
                .isEqualTo(CatalogError.LEASE_LOST);
        assertThat(hidden()).isEmpty();
        assertThat(await(deletes().list(IOT.organisation(), "p1", 10))).isEmpty();
    }

    @Test
    void whatIsDueComesWithAllItsDeletes() {
        begin("d1", NAMES, TimeRange.ALL);
        begin("d2", "load > 1", TimeRange.ALL);
        List<FileToRewrite> due = await(deletes().due(100));
        assertThat(due).extracting(file -> file.file().objectKey()).containsExactlyInAnyOrder("f-0", "f-1", "f-2");
        assertThat(due).allSatisfy(file -> {
            assertThat(file.predicates()).containsExactly(NAMES, "load > 1");
            assertThat(file.table()).isEqualTo(CPU);
            assertThat(file.schema().columns()).isNotEmpty();
        });
    }

    @Test
    void aDroppedMeasurementLeavesNothingButWhatReplayAndTheStoreNeed() { // LESSONS 19
        begin("d1", NAMES, TimeRange.ALL);
        await(catalog().change(new FileChange("c1", CPU, List.of(new DataFile("x", 0, 1, 1, 1)), List.of(), null)));
        Lease lease = await(leases().acquire("drop", "a", LONG));
        String version = await(catalog().version(CPU));
        long sequence =
                Long.parseLong(version.substring(version.indexOf('.') + 1).replaceAll("[.].*", ""));
        assertThat(await(deletes().drop(CPU, lease, entry("measurement.dropped"))))
                .isTrue();
        assertThat(await(deletes().drop(CPU, lease, entry("measurement.dropped"))))
                .isFalse();
        assertThat(await(catalog().snapshot(CPU, List.of()))).isNull();
        assertThat(await(deletes().find(IOT.organisation(), "d1")).ended()).isNotNull();
        assertThat(list(catalog().committedRanges("wal-a", 0)))
                .as("replay skips its rows")
                .extracting(CommittedRange::table)
                .containsExactly(CPU);
        assertThat(await(upkeep().known(List.of("f-0", "x")))).containsExactlyInAnyOrder("f-0", "x");

        await(catalog().addColumns(CPU, List.of(new Column("load", ColumnType.STRING)), false));
        TableSnapshot again = await(catalog().snapshot(CPU, List.of("f")));
        assertThat(again.files()).isEmpty();
        assertThat(again.committedFlushIds()).as("hot rows of the old one").containsExactly("f");
        assertThat(again.version()).isNotEqualTo(version);
        assertThat(await(history().since(CPU, -1, List.of())).sequence())
                .as("whoever follows the sequence is not misled")
                .isGreaterThan(sequence);
        await(catalog().commit(flush("f", 1, 9, 3))); // a commit whose outcome was unknown
        assertThat(await(catalog().snapshot(CPU, List.of())).files()).isEmpty();
    }

    @Test
    void aDroppedDatabaseIsGoneWithItsMeasurements() {
        Lease lease = await(leases().acquire("drop", "a", LONG));
        await(catalog().addColumns(MEM, List.of(HOST), false));
        assertThat(await(deletes().drop(IOT, lease, entry("database.dropped")))).isTrue();
        assertThat(list(catalog().databases(IOT.organisation()))).isEmpty();
        assertThat(ChangeContract.failure(catalog().addColumns(CPU, List.of(HOST), false)))
                .isEqualTo(CommonError.DATABASE_NOT_FOUND);
        await(catalog().createDatabase(IOT));
        assertThat(list(catalog().schemas(IOT))).isEmpty();
    }

    @Test
    void whoLostItsLeaseDropsNothing() { // LESSONS 29
        Lease lease = await(leases().acquire("drop", "a", LONG));
        await(leases().release(lease));
        assertThat(ChangeContract.failure(deletes().drop(CPU, lease, entry("measurement.dropped"))))
                .isEqualTo(CatalogError.LEASE_LOST);
        assertThat(ChangeContract.failure(deletes().drop(IOT, lease, entry("database.dropped"))))
                .isEqualTo(CatalogError.LEASE_LOST);
        assertThat(await(catalog().snapshot(CPU, List.of())).files()).hasSize(3);
    }

    @Test
    void rowsOfAMeasurementThatIsNotThereCannotBeDeleted() {
        TableId gone = IOT.table("gone");
        NewDelete delete = new NewDelete("d1", gone, NAMES, false, TimeRange.ALL, 0);
        assertThat(ChangeContract.failure(deletes().begin(delete, entry("rows.deleted"))))
                .isEqualTo(CommonError.MEASUREMENT_NOT_FOUND);
    }
}
