package io.weir.storage.catalog;

import static io.weir.common.schema.ColumnType.INT64;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.common.stats.FileTags;
import io.weir.common.stats.TagFilter;
import io.weir.common.stats.TagRange;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** What every catalog does; each database's test extends it. REQUIREMENTS S5, S6. */
abstract class CatalogContract extends CatalogFixture {

    private static final long HOUR = 3_600_000_000L;
    private static final long DAY = 24 * HOUR;
    private static final long MONTH = 32 * DAY;

    /** Measurements of one request. */
    int many() {
        return 20_000;
    }

    @Test
    void tenProcessesThatStartAtOnceOnAnEmptyDatabaseMakeItOnce() { // REQUIREMENTS S5
        List<CatalogConnections> pools =
                Stream.generate(() -> open("empty")).limit(10).toList();
        await(Flux.fromIterable(pools)
                .flatMap(pool -> new R2dbcCatalog(pool.factory(), Clock.systemUTC(), OPERATION).migrate(), 10)
                .then());
        assertThat(list(DatabaseClient.create(pools.get(0).factory())
                        .sql("SELECT version FROM schema_version ORDER BY version")
                        .map(row -> Rows.number(row, 0))
                        .all()))
                .startsWith(1L, 2L, 3L)
                .doesNotHaveDuplicates();
        await(Flux.fromIterable(pools).concatMap(CatalogConnections::close).then());
    }

    @Test
    void filesOfACatalogOfVersionTwoAreFoundByTheIndexOfVersionThree() {
        CatalogConnections old = open("old");
        await(new Migrations(old.factory(), Migrations.FILES.subList(0, 2)).run());
        DatabaseClient client = DatabaseClient.create(old.factory());
        await(client.sql(
                        "INSERT INTO databases (id, organisation, name, created_micros) VALUES (1, 'default', 'iot', 0)")
                .then());
        await(client.sql("INSERT INTO measurements (id, database_id, name) VALUES (2, 1, 'cpu')")
                .then());
        List<Long> spans = List.of(0L, HOUR, HOUR + 1, DAY, DAY + 1, MONTH, MONTH + 1);
        for (long span : spans) {
            await(client.sql(
                            "INSERT INTO files (object_key, measurement_id, flush_id, min_micros, max_micros, row_count,"
                                    + " size_bytes) VALUES ('s" + span + "', 2, 'f', 10, " + (10 + span) + ", 1, 1)")
                    .then());
        }
        Catalog catalog = new R2dbcCatalog(old.factory(), Clock.systemUTC(), OPERATION);
        await(catalog.migrate());
        for (long span : spans) {
            TimeRange end = new TimeRange(10 + span, Long.MAX_VALUE);
            assertThat(await(catalog.snapshot(CPU, end, List.of())).files())
                    .extracting(DataFile::objectKey)
                    .contains("s" + span);
        }
        assertThat(list(client.sql("SELECT DISTINCT span_class FROM files")
                        .map(row -> Rows.number(row, 0))
                        .all()))
                .containsExactlyInAnyOrder(0L, 1L, 2L, 3L);
        await(old.close());
    }

    @Test
    void migratingAgainAndAtOnceIsHarmless() {
        await(Flux.range(0, 6).flatMap(i -> catalog().migrate(), 6).then());
        await(catalog().migrate());
        assertThat(list(catalog().databases("default"))).isEmpty();
    }

    @Test
    void whatWasCommittedIsThereAfterReopening() {
        await(catalog().createDatabase(IOT));
        await(catalog().addColumns(CPU, List.of(HOST), true));
        reopen();
        await(catalog().migrate());
        assertThat(list(catalog().schemas(IOT)).get(0).schema().hasNanos()).isTrue();
    }

    @Test
    void aCatalogOfALaterVersionIsRefused() { // REQUIREMENTS L5
        await(sql().sql("INSERT INTO schema_version (version, name) VALUES (99, 'later')")
                .then());
        StepVerifier.create(catalog().migrate())
                .expectErrorSatisfies(
                        e -> assertThat(((WeirException) e).code()).isEqualTo(CatalogError.CATALOG_TOO_NEW))
                .verify(PATIENCE);
    }

    @Test
    void aDatabaseIsCreatedOnceAndBelongsToItsOrganisation() { // invariant 8
        assertThat(await(catalog().createDatabase(IOT))).isTrue();
        assertThat(await(catalog().createDatabase(IOT))).isFalse();
        assertThat(list(catalog().databases("default"))).containsExactly("iot");
        assertThat(list(catalog().databases("other"))).isEmpty();
    }

    @Test
    void columnsKeepTheOrderOfFirstUse() {
        await(catalog().createDatabase(IOT));
        MeasurementSchema first = await(catalog().addColumns(CPU, List.of(HOST), false));
        MeasurementSchema second = await(catalog().addColumns(CPU, List.of(LOAD, HOST), true));
        assertThat(first.columns()).containsExactly(HOST);
        assertThat(second.columns()).containsExactly(HOST, LOAD);
        assertThat(second.hasNanos()).isTrue();
        assertThat(list(catalog().schemas(IOT))).containsExactly(new TableSchema("cpu", second));
    }

    @Test
    void aColumnNeverChangesItsType() { // LESSONS 22
        await(catalog().createDatabase(IOT));
        await(catalog().addColumns(CPU, List.of(LOAD), false));
        StepVerifier.create(catalog()
                        .addColumns(
                                CPU,
                                List.of(new Column("new", ColumnType.INT64), new Column("load", ColumnType.STRING)),
                                false))
                .expectErrorSatisfies(e -> {
                    assertThat(((WeirException) e).code()).isEqualTo(CatalogError.COLUMN_CONFLICT);
                    assertThat(e).hasMessageContaining("\"load\" of cpu holds float values, not string");
                })
                .verify(PATIENCE);
        assertThat(list(catalog().schemas(IOT)).get(0).schema().columns()).containsExactly(LOAD); // LESSONS 16
    }

    @Test
    void aMeasurementNeedsItsDatabase() {
        StepVerifier.create(catalog().addColumns(CPU, List.of(HOST), false))
                .expectErrorSatisfies(
                        e -> assertThat(((WeirException) e).code()).isEqualTo(CommonError.DATABASE_NOT_FOUND))
                .verify(PATIENCE);
    }

    @Test
    void writersThatRaceForColumnsAgreeOnOneSchema() {
        await(catalog().createDatabase(IOT));
        await(Flux.range(0, 20)
                .flatMap(
                        i -> catalog()
                                .addColumns(
                                        CPU,
                                        List.of(new Column("c" + i % 7, ColumnType.INT64), LOAD, HOST),
                                        i % 2 == 0),
                        20)
                .then());
        MeasurementSchema schema = list(catalog().schemas(IOT)).get(0).schema();
        assertThat(schema.columns()).hasSize(9).doesNotHaveDuplicates();
        assertThat(schema.hasNanos()).isTrue();
    }

    @Test
    void filesAppearWithTheirFlushOrNotAtAll() { // REQUIREMENTS S6
        prepareCpu();
        assertThat(await(catalog().snapshot(CPU, List.of("f1"))).files()).isEmpty();
        await(catalog().commit(flush("f1", 1, 5, 2)));
        TableSnapshot snapshot = await(catalog().snapshot(CPU, List.of("f1", "f2")));
        assertThat(snapshot.files())
                .containsExactlyElementsOf(flush("f1", 1, 5, 2).files());
        assertThat(snapshot.committedFlushIds()).isEqualTo(Set.of("f1"));
        assertThat(snapshot.schema().columns()).containsExactly(HOST);
    }

    /** REQUIREMENTS C6: what was made of one version may be kept as long as it is the version. */
    @Test
    void theVersionMovesWithColumnsAndFilesAndIsTheSnapshots() {
        StepVerifier.create(catalog().version(CPU)).verifyComplete();
        List<String> versions = new ArrayList<>();
        prepareCpu();
        versions.add(version());
        await(catalog().addColumns(CPU, List.of(new Column("added", INT64)), false));
        versions.add(version());
        await(catalog().addColumns(CPU, List.of(new Column("added", INT64)), false));
        assertThat(version()).as("nothing was added").isEqualTo(versions.get(1));
        await(catalog().addColumns(CPU, List.of(), true));
        versions.add(version());
        FlushCommit commit = flush("f1", 1, 5, 2);
        await(catalog().commit(commit));
        versions.add(version());
        await(catalog().commit(commit));
        await(catalog().addColumns(MEM, List.of(HOST), false));
        assertThat(version()).as("nothing of it was changed").isEqualTo(versions.get(3));
        assertThat(versions).doesNotHaveDuplicates().doesNotContain("");
        reopen();
        assertThat(version()).isEqualTo(versions.get(3));
    }

    private String version() {
        String version = await(catalog().version(CPU));
        assertThat(await(catalog().snapshot(CPU, List.of())).version()).isEqualTo(version);
        return version;
    }

    @Test
    void aRepeatedCommitChangesNothing() { // LESSONS 15
        prepareCpu();
        FlushCommit commit = flush("f1", 1, 5, 1);
        await(Flux.range(0, 8).flatMap(i -> catalog().commit(commit), 8).then());
        await(catalog().commit(commit));
        assertThat(await(catalog().snapshot(CPU, List.of())).files()).hasSize(1);
        assertThat(list(catalog().committedRanges("wal-a", 0))).containsExactly(new CommittedRange(CPU, 1, 5));
    }

    @Test
    void aCommitThatFailsHalfWayLeavesNothing() { // LESSONS 13
        prepareCpu();
        await(catalog().commit(flush("f1", 1, 1, 1)));
        DataFile taken = flush("f1", 1, 1, 1).files().get(0);
        DataFile fresh = new DataFile("fresh", 0, 1, 1, 1);
        FlushCommit clash = new FlushCommit("f2", CPU, "wal-a", 2, 2, List.of(fresh, taken));
        StepVerifier.create(catalog().commit(clash)).verifyError(WeirException.class);
        TableSnapshot snapshot = await(catalog().snapshot(CPU, List.of("f2")));
        assertThat(snapshot.files()).containsExactly(taken);
        assertThat(snapshot.committedFlushIds()).isEmpty();
    }

    @Test
    void flushesOfManyMeasurementsAreCommittedTogether() {
        prepareCpu();
        await(catalog().addColumns(MEM, List.of(HOST), false));
        await(catalog().commit(flush("f1", 1, 5, 1)));
        FlushCommit mem = new FlushCommit("g1", MEM, "wal-a", 2, 3, List.of(new DataFile("g1-0", 0, 9, 1, 10)));
        await(catalog().commit(List.of(flush("f1", 1, 5, 1), flush("f2", 6, 7, 2), mem, flush("f3", 8, 9, 0), mem)));
        TableSnapshot cpu = await(catalog().snapshot(CPU, List.of("f1", "f2", "f3")));
        assertThat(cpu.files()).extracting(DataFile::objectKey).containsExactlyInAnyOrder("f1-0", "f2-0", "f2-1");
        assertThat(cpu.committedFlushIds()).containsExactlyInAnyOrder("f1", "f2", "f3");
        assertThat(await(catalog().snapshot(MEM, List.of("g1"))).files()).isEqualTo(mem.files());
        assertThat(list(catalog().committedRanges("wal-a", 0)))
                .containsExactlyInAnyOrder(
                        new CommittedRange(CPU, 1, 5),
                        new CommittedRange(CPU, 6, 7),
                        new CommittedRange(MEM, 2, 3),
                        new CommittedRange(CPU, 8, 9));
    }

    @Test
    void aGroupWithOneFlushThatCannotBeCommittedLeavesNothing() { // LESSONS 10, 13
        prepareCpu();
        FlushCommit gone = new FlushCommit("g1", IOT.table("gone"), "wal-a", 2, 3, List.of());
        StepVerifier.create(catalog().commit(List.of(flush("f1", 1, 5, 1), gone)))
                .expectErrorSatisfies(e -> {
                    assertThat(((WeirException) e).code()).isEqualTo(CommonError.MEASUREMENT_NOT_FOUND);
                    assertThat(e).hasMessageContaining("gone").hasMessageContaining("does not exist");
                })
                .verify(PATIENCE);
        assertThat(await(catalog().snapshot(CPU, List.of("f1"))).committedFlushIds())
                .isEmpty();
        assertThat(list(catalog().committedRanges("wal-a", 0))).isEmpty();
    }

    @Test
    void manyMeasurementsAreCreatedInOneTransaction() {
        await(catalog().createDatabase(IOT));
        int many = many();
        List<NewColumns> wanted = IntStream.range(0, many)
                .mapToObj(n -> new NewColumns("m" + n, List.of(HOST, LOAD), n % 2 == 0))
                .toList();
        List<TableSchema> grown = await(catalog().addColumns(IOT, wanted));
        assertThat(grown)
                .extracting(TableSchema::measurement)
                .startsWith("m0", "m1")
                .hasSize(many);
        assertThat(Set.copyOf(list(catalog().schemas(IOT)))).isEqualTo(Set.copyOf(grown));
        assertThat(await(catalog().addColumns(IOT, wanted.subList(0, 1_000)))).isEqualTo(grown.subList(0, 1_000));
    }

    @Test
    void aConflictInOneMeasurementChangesNoneOfTheOthers() { // LESSONS 16, 22
        prepareCpu();
        NewColumns fresh = new NewColumns("fresh", List.of(LOAD), false);
        NewColumns twice = new NewColumns("fresh", List.of(new Column("load", ColumnType.STRING)), false);
        for (NewColumns other : List.of(twice, new NewColumns("cpu", List.of(new Column("host", INT64)), false))) {
            StepVerifier.create(catalog().addColumns(IOT, List.of(fresh, other)))
                    .expectErrorSatisfies(
                            e -> assertThat(((WeirException) e).code()).isEqualTo(CatalogError.COLUMN_CONFLICT))
                    .verify(PATIENCE);
        }
        assertThat(list(catalog().schemas(IOT)))
                .extracting(TableSchema::measurement)
                .containsExactly("cpu");
    }

    @Test
    void writersThatRaceForTheSameManyMeasurementsAgree() {
        await(catalog().createDatabase(IOT));
        List<NewColumns> wanted = IntStream.range(0, 300)
                .mapToObj(n -> new NewColumns("m" + n, List.of(HOST), false))
                .toList();
        await(Flux.range(0, 8)
                .flatMap(i -> catalog().addColumns(IOT, wanted), 8)
                .then());
        assertThat(list(catalog().schemas(IOT))).hasSize(300);
    }

    @Test
    void committedRangesAreThoseOfTheLogFromASequenceOn() { // LESSONS 8
        prepareCpu();
        await(catalog().commit(flush("f1", 1, 5, 0)));
        await(catalog().commit(flush("f2", 6, 9, 1)));
        assertThat(list(catalog().committedRanges("wal-a", 6))).containsExactly(new CommittedRange(CPU, 6, 9));
        assertThat(list(catalog().committedRanges("wal-a", 5))).hasSize(2);
        assertThat(list(catalog().committedRanges("wal-b", 0))).isEmpty();
    }

    @Test
    void oldFlushesAreForgottenTheirFilesStay() {
        prepareCpu();
        await(catalog().commit(flush("f1", 1, 5, 1)));
        await(catalog().commit(flush("f2", 6, 9, 1)));
        Instant later = Instant.now().plusSeconds(60);
        assertThat(await(catalog().forgetFlushes("wal-a", 6, later))).isEqualTo(1);
        assertThat(await(catalog().forgetFlushes("wal-a", 100, Instant.EPOCH))).isZero();
        assertThat(list(catalog().committedRanges("wal-a", 0))).containsExactly(new CommittedRange(CPU, 6, 9));
        assertThat(await(catalog().snapshot(CPU, List.of())).files()).hasSize(2);
    }

    @Test
    void anUnknownMeasurementHasNoSnapshot() {
        StepVerifier.create(catalog().snapshot(CPU, List.of("f")))
                .expectComplete()
                .verify(PATIENCE);
    }

    @Test
    void aSnapshotHasTheFilesThatOverlapItsRangeBothEndsIncluded() {
        prepareCpu();
        await(catalog().commit(flush("f1", 1, 5, 3))); // 0–9, 10–19, 20–29
        assertThat(keys(new TimeRange(10, 19))).containsExactly("f1-1");
        assertThat(keys(new TimeRange(9, 10))).containsExactly("f1-0", "f1-1");
        assertThat(keys(new TimeRange(19, 19))).containsExactly("f1-1");
        assertThat(keys(new TimeRange(Long.MIN_VALUE, 0))).containsExactly("f1-0");
        assertThat(keys(new TimeRange(29, Long.MAX_VALUE))).containsExactly("f1-2");
        assertThat(keys(new TimeRange(30, Long.MAX_VALUE))).isEmpty();
        assertThat(keys(new TimeRange(19, 10))).isEmpty();
        assertThat(keys(TimeRange.ALL)).hasSize(3);
        assertThat(await(catalog().snapshot(CPU, new TimeRange(99, 99), List.of("f1")))
                        .committedFlushIds())
                .as("whatever the range")
                .containsExactly("f1");
    }

    @Test
    void filesOfEveryLengthAreFoundByEveryRange() {
        prepareCpu();
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<DataFile> all = new ArrayList<>();
        for (int n = 0; n < 300; n++) {
            long min = random.nextLong(4 * MONTH) - 2 * MONTH;
            long span = List.of(0L, random.nextLong(HOUR + 1), HOUR, DAY, random.nextLong(2 * MONTH), 9 * MONTH)
                    .get(random.nextInt(6));
            all.add(new DataFile("f" + n, min, min + span, 1, 1));
        }
        all.add(new DataFile("ever", Long.MIN_VALUE, Long.MAX_VALUE, 1, 1));
        await(catalog().commit(new FlushCommit("f", CPU, "wal-a", 1, 1, all)));
        for (int n = 0; n < 100; n++) {
            DataFile edge = all.get(random.nextInt(all.size()));
            long from = n % 2 == 0 ? edge.maxMicros() : edge.minMicros() - random.nextLong(MONTH);
            TimeRange range = new TimeRange(from, n % 3 == 0 ? from : Math.max(from, edge.minMicros()));
            assertThat(keys(range))
                    .as("seed %d, %s", seed, range)
                    .containsExactlyInAnyOrderElementsOf(all.stream()
                            .filter(file -> range.overlaps(file.minMicros(), file.maxMicros()))
                            .map(DataFile::objectKey)
                            .toList());
        }
        assertThat(keys(TimeRange.ALL)).hasSize(all.size());
    }

    /** The steps of the plan of a search for files, when there are many. */
    abstract List<String> planOfASearch(String sql);

    @Test
    void aSearchForFilesIsBoundedOnBothSidesByTheIndex() {
        prepareCpu();
        List<DataFile> many = IntStream.range(0, 5_000)
                .mapToObj(n -> new DataFile("f" + n, n * HOUR, n * HOUR + 1, 1, 1))
                .toList();
        await(catalog().commit(new FlushCommit("f", CPU, "wal-a", 1, 1, many)));
        String sql = FileSearch.SQL
                .replaceAll(":id", "(SELECT id FROM measurements)")
                .replaceAll(":\\w+", "7200000000");
        assertThat(planOfASearch(sql))
                .hasSize(FileSpan.values().length)
                .allSatisfy(step -> assertThat(step)
                        .contains("files_by_span", "measurement_id", "span_class", "min_micros >", "min_micros <"));
    }

    private static DataFile tagged(String key, long time, String host) {
        TagRange hosts = new TagRange(host, host, true, List.of(host));
        return new DataFile(key, time, time, 1, 1, FileTags.of(Map.of("host", hosts)));
    }

    private List<String> keysOfHost(String host) {
        TagFilter filter =
                schema -> schema.find("host") == null ? null : tags -> tags.mayHave("host", range -> range.mayBe(host));
        return await(catalog().snapshot(CPU, TimeRange.ALL, filter, List.of())).files().stream()
                .map(DataFile::objectKey)
                .toList();
    }

    @Test
    void filesAreLeftOutByTheirTagsWhereThoseAreKnown() { // LESSONS 34
        prepareCpu();
        DataFile none = new DataFile("none", 3, 3, 1, 1, FileTags.of(Map.of()));
        DataFile unknown = new DataFile("unknown", 4, 4, 1, 1);
        await(catalog()
                .commit(new FlushCommit(
                        "f", CPU, "wal", 1, 1, List.of(tagged("a", 1, "a"), tagged("b", 2, "b"), none, unknown))));
        for (int n = 0; n < 2; n++) { // when the schema is not known yet, and when it is
            assertThat(keysOfHost("a")).containsExactly("a", "unknown");
            assertThat(keysOfHost("c")).containsExactly("unknown");
            assertThat(keys(TimeRange.ALL)).containsExactly("a", "b", "none", "unknown");
        }
        await(catalog().change(new FileChange("c", CPU, List.of(tagged("ab", 1, "a")), List.of("a", "b"), null)));
        assertThat(keysOfHost("a")).containsExactly("ab", "unknown");
        assertThat(keysOfHost("b")).containsExactly("unknown");
        assertThat(list(sql().sql("SELECT object_key FROM file_tags ORDER BY 1")
                        .map(row -> Rows.text(row, 0))
                        .all()))
                .as("what is known of files that are gone goes with them")
                .containsExactly("ab", "none");
        assertThat(await(upkeep().dropFiles(List.of("ab")))).isEqualTo(1);
        assertThat(keysOfHost("a")).containsExactly("unknown");
    }

    @Test
    void tagsOfFilesAreNotReadWhereNothingIsSaidOfTags() {
        prepareCpu();
        await(catalog().commit(new FlushCommit("f", CPU, "wal", 1, 1, List.of(tagged("a", 1, "a")))));
        await(sql().sql("UPDATE file_tags SET tags = 'no JSON'").then());
        assertThat(keys(TimeRange.ALL)).containsExactly("a");
        assertThat(keys(TimeRange.ALL)).containsExactly("a");
        StepVerifier.create(catalog().snapshot(CPU, TimeRange.ALL, schema -> tags -> true, List.of()))
                .expectError()
                .verify(PATIENCE);
    }

    @Test
    void aSnapshotIsTheSameHoweverOftenItIsTaken() {
        prepareCpu();
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int step = 0; step < 40; step++) {
            switch (random.nextInt(4)) {
                case 0 -> await(catalog().addColumns(CPU, List.of(new Column("c" + step, INT64)), step > 30));
                case 1 ->
                    await(catalog()
                            .commit(new FlushCommit(
                                    "f" + step, CPU, "wal", step, step, List.of(tagged("k" + step, step, "h")))));
                default -> {
                    // Nothing happened.
                }
            }
            List<String> flushes = List.of("f" + random.nextInt(40), "f" + step);
            TimeRange range = random.nextBoolean() ? TimeRange.ALL : new TimeRange(random.nextInt(40), 40);
            List<String> asked = random.nextBoolean() ? flushes : List.of();
            TableSnapshot warm = await(catalog().snapshot(CPU, range, asked));
            Catalog fresh = new R2dbcCatalog(connections().factory(), Clock.systemUTC(), OPERATION);
            assertThat(warm).as("seed %d, step %d", seed, step).isEqualTo(await(fresh.snapshot(CPU, range, asked)));
            assertThat(warm.version()).isEqualTo(await(catalog().version(CPU)));
        }
    }

    private List<String> keys(TimeRange range) {
        return await(catalog().snapshot(CPU, range, List.of())).files().stream()
                .map(DataFile::objectKey)
                .toList();
    }

    @Test
    void cancelledOperationsLeaveTheCatalogUsable() { // invariant 5
        prepareCpu();
        for (int i = 0; i < 50; i++) {
            FlushCommit commit = flush("c" + i, i, i, 1);
            StepVerifier.create(catalog().commit(commit)).thenCancel().verify(PATIENCE);
        }
        await(catalog().commit(flush("after", 500, 500, 1)));
        assertThat(await(catalog().snapshot(CPU, List.of("after"))).committedFlushIds())
                .containsExactly("after");
    }

    @Test
    void keysAreKnownExactlyWhenTheirFlushIsCommitted() { // LESSONS 62
        prepareCpu();
        List<IdempotencyKey> keys =
                IntStream.range(0, 250).mapToObj(n -> key("k" + n, n, n)).toList();
        DataFile taken = flush("f0", 1, 1, 1).files().get(0);
        await(catalog().commit(flush("f0", 1, 1, 1)));
        FlushCommit clash = new FlushCommit("f1", CPU, "wal-a", 2, 300, List.of(taken), keys);
        StepVerifier.create(catalog().commit(clash)).expectError().verify(PATIENCE);
        assertThat(list(catalog().idempotencyKeys(1000))).isEmpty();
        FlushCommit commit = new FlushCommit("f1", CPU, "wal-a", 2, 300, List.of(), keys);
        await(catalog().commit(commit));
        await(catalog().commit(commit));
        assertThat(list(catalog().idempotencyKeys(1000))).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(list(catalog().idempotencyKeys(3)))
                .extracting(IdempotencyKey::text)
                .containsExactly("k249", "k248", "k247");
        assertThat(await(catalog().idempotencyKey(IOT, "k7"))).isEqualTo(key("k7", 7, 7));
        assertThat(await(catalog().idempotencyKey(new DatabaseId("other", "iot"), "k7")))
                .as("another organisation's") // invariant 8
                .isNull();
    }

    @Test
    void ofOneKeyTheLaterWriteStaysWhicheverFlushIsCommittedFirst() {
        prepareCpu();
        await(catalog().commit(keyed("f1", key("k", 9, 1000))));
        await(catalog().commit(keyed("f2", key("k", 5, 2000))));
        assertThat(await(catalog().idempotencyKey(IOT, "k")).sequence()).isEqualTo(9);
        await(catalog().commit(keyed("f3", key("k", 10, 500))));
        assertThat(await(catalog().idempotencyKey(IOT, "k")).sequence()).isEqualTo(10);
    }

    @Test
    void expiredKeysAreForgotten() {
        prepareCpu();
        await(catalog().commit(keyed("f1", key("old", 1, 1000), key("young", 2, 1001))));
        assertThat(await(catalog().forgetIdempotencyKeys(Instant.ofEpochMilli(1001))))
                .isEqualTo(1);
        assertThat(list(catalog().idempotencyKeys(10)))
                .extracting(IdempotencyKey::text)
                .containsExactly("young");
    }

    @Test
    void keysOfPiecesAreForgottenByTheirBeginningAndTheirPlaceInTheLog() {
        prepareCpu();
        String piece = "\u0001import/a\u0002";
        IdempotencyKey elsewhere =
                new IdempotencyKey(IOT.organisation(), IOT.database(), piece + "4", 12, 9_000, 343, 0, "wal-b", 1, "");
        await(catalog()
                .commit(keyed(
                        "f1",
                        key(piece + "1", 1, 9_000),
                        key(piece + "2", 2, 9_000),
                        key(piece + "3", 3, 9_000),
                        key("\u0001import/ab\u00021", 1, 9_000),
                        key("\u0001import/A\u00021", 1, 9_000),
                        key("import/a2", 1, 9_000),
                        elsewhere)));
        assertThat(await(catalog().forgetIdempotencyKeys(new DatabaseId("other", "iot"), piece, "wal-a", 3)))
                .isZero();
        assertThat(await(catalog().forgetIdempotencyKeys(IOT, piece, "wal-a", 3)))
                .isEqualTo(2);
        assertThat(list(catalog().idempotencyKeys(10)))
                .extracting(IdempotencyKey::text)
                .containsExactlyInAnyOrder(
                        piece + "3", piece + "4", "\u0001import/ab\u00021", "\u0001import/A\u00021", "import/a2");
    }

    private static FlushCommit keyed(String id, IdempotencyKey... keys) {
        return new FlushCommit(id, CPU, "wal-a", 1, 1, List.of(), List.of(keys));
    }

    private static IdempotencyKey key(String text, long sequence, long expiresMillis) {
        return new IdempotencyKey(
                IOT.organisation(), IOT.database(), text, 12, expiresMillis, 343, -sequence, "wal-a", sequence, "");
    }
}
