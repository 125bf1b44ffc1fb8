package io.weir.storage.backup;

import static io.weir.storage.upkeep.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.storage.catalog.CatalogContents;
import io.weir.storage.catalog.CatalogRow;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.FileChange;
import io.weir.storage.catalog.FlushCommit;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.StorageKeys;
import io.weir.storage.upkeep.ReaderPresence;
import io.weir.storage.upkeep.StoreFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Issue 6, item 6: what is backed up comes back, whole or not at all. */
class BackupRestoreTest {

    private static final long HOUR = 3_600_000_000L;
    private static final TableId MEM = StoreFixture.TABLE.databaseId().table("mem");

    @TempDir
    Path directory;

    private final Random random = new Random(6);
    private final List<StoreFixture> houses = new ArrayList<>();
    private StoreFixture from;
    private ReaderPresence readers;
    private Path placeDirectory;
    private BackupPlace place;
    private int flushes;

    @BeforeEach
    void open() throws IOException {
        from = house("from");
        await(from.catalog().addColumns(MEM, List.of(new Column("used", ColumnType.INT64)), true));
        await(from.catalog().setDedup(MEM, Dedup.LAST));
        readers = new ReaderPresence(from.upkeep(), "r", ReaderPresence.INTERVAL, ReaderPresence.LEASE);
        await(readers.prepare());
        placeDirectory = Files.createDirectory(directory.resolve("place"));
        place = new BackupPlace(new LocalObjectStore(placeDirectory, from.io()), false, "file://place");
    }

    @AfterEach
    void close() {
        readers.close();
        houses.forEach(StoreFixture::close);
    }

    private StoreFixture house(String name) throws IOException {
        Files.createDirectories(directory.resolve(name).resolve("work"));
        StoreFixture house = new StoreFixture(directory.resolve(name));
        houses.add(house);
        return house;
    }

    private DataFile put(StoreFixture house, TableId table, long hour, int rows) {
        byte[] content = new byte[200 + random.nextInt(400_000)];
        random.nextBytes(content);
        String key = StorageKeys.dataFile("", table, hour * HOUR, "f" + flushes++, 0);
        house.put(key, content, java.time.Duration.ZERO);
        return new DataFile(key, hour * HOUR, hour * HOUR + 9, rows, content.length);
    }

    private DataFile flush(StoreFixture house, TableId table, long hour, int rows) {
        DataFile file = put(house, table, hour, rows);
        await(house.catalog().commit(new FlushCommit("flush" + flushes, table, "wal", 1, 1, List.of(file))));
        return file;
    }

    private Backup backup(CatalogContents contents, ObjectStore store, Mono<Void> flush) {
        return new Backup(
                contents, store, readers, flush, directory.resolve("from/work"), Clock.systemUTC(), from.io());
    }

    private Made backup() {
        return backup(Mono.empty());
    }

    private record Made(String id, BackupContents contents, CopyTally tally) {}

    private Made backup(Mono<Void> flush) {
        Backup backup = backup(from.catalog().contents(), from.store(), flush);
        CopyTally tally = new CopyTally();
        String id = backup.newId();
        return new Made(id, await(backup.run(id, place, tally)), tally);
    }

    private Restore restore(StoreFixture into, CatalogContents contents, ObjectStore store) throws IOException {
        Path work = Files.createDirectories(directory.resolve("restoring"));
        return new Restore(contents, into.upkeep(), store, work, Clock.systemUTC(), into.io());
    }

    private RestoreReport restore(StoreFixture into, RestoreRequest request) throws IOException {
        return await(restore(into, into.catalog().contents(), into.store()).run(place, request, new CopyTally()));
    }

    private static RestoreRequest latest() {
        return new RestoreRequest("", false, false);
    }

    /** Everything that describes data, without the numbers of measurements. */
    private static Map<String, Object> contents(StoreFixture house) {
        Map<Long, TableId> tables = new TreeMap<>();
        Map<String, Object> all = new TreeMap<>();
        await(house.catalog()
                .contents()
                .read(rows -> Mono.fromRunnable(() -> rows.forEach(row -> {
                    if (row instanceof CatalogRow.OfMeasurement of) {
                        tables.put(of.number(), of.table());
                        all.put("measurement " + of.table(), List.of(of.schema(), of.dedup()));
                    } else if (row instanceof CatalogRow.OfFile of) {
                        all.put("file " + of.file().objectKey(), List.of(of.file(), tables.get(of.measurement())));
                    } else {
                        all.put(row.toString(), row);
                    }
                }))));
        return all;
    }

    private static byte[] bytes(ObjectStore store, String key) {
        ObjectInfo info = await(store.head(key));
        ByteBuffer all = ByteBuffer.allocate((int) info.sizeBytes());
        store.read(key, 0, info.sizeBytes()).doOnNext(all::put).blockLast();
        return all.array();
    }

    private void assertSame(StoreFixture into) {
        assertThat(contents(into)).isEqualTo(contents(from));
        for (String key : from.stored()) {
            assertThat(bytes(into.store(), key)).as(key).isEqualTo(bytes(from.store(), key));
        }
    }

    private static long filesIn(StoreFixture house) {
        return contents(house).keySet().stream()
                .filter(key -> key.startsWith("file "))
                .count();
    }

    @Test
    void anEmptyCatalogGetsEverythingBackAndASecondTimeNothingMore() throws IOException {
        for (int n = 0; n < 30; n++) {
            flush(from, n % 3 == 0 ? MEM : StoreFixture.TABLE, n % 7, 10 + n);
        }
        Made made = backup();
        assertThat(made.contents()).isEqualTo(made.tally().total());
        assertThat(made.contents().files()).isEqualTo(30).isEqualTo(made.tally().filesCopied());
        assertThat(made.contents().rows()).isEqualTo(30 * 10 + 29 * 15);
        StoreFixture into = house("into");
        RestoreReport report = restore(into, latest());
        assertThat(report.id()).isEqualTo(made.id());
        assertThat(report.contents()).isEqualTo(made.contents());
        assertThat(report.restored().rows()).isEqualTo(made.contents().rows());
        assertSame(into);
        RestoreReport again = restore(into, latest());
        assertThat(again.restored().files()).isZero();
        assertThat(again.restored().rowsThere()).isEqualTo(made.contents().rows());
        assertSame(into);
        assertThat(directory.resolve("from/work")).isEmptyDirectory();
        assertThat(directory.resolve("restoring")).isEmptyDirectory();
    }

    @Test
    void theNextBackupCopiesOnlyWhatIsNewAndBothCanBeRestored() throws IOException {
        for (int n = 0; n < 5; n++) {
            flush(from, StoreFixture.TABLE, n, 10);
        }
        Made first = backup();
        flush(from, StoreFixture.TABLE, 9, 7);
        Made second = backup();
        assertThat(second.tally().filesCopied()).isEqualTo(1);
        assertThat(second.tally().files()).isEqualTo(6);
        assertThat(await(place.ids().collectList())).containsExactly(first.id(), second.id());
        StoreFixture old = house("old");
        assertThat(restore(old, new RestoreRequest(first.id(), false, false))
                        .restored()
                        .rows())
                .isEqualTo(50);
        StoreFixture into = house("into");
        assertThat(restore(into, latest()).restored().rows()).isEqualTo(57);
        assertSame(into);
    }

    @Test
    void filesThatAreMergedAndRemovedMeanwhileAreInTheBackupAsTheyWere() throws IOException { // LESSONS 39
        DataFile one = flush(from, StoreFixture.TABLE, 1, 10);
        DataFile other = flush(from, StoreFixture.TABLE, 1, 20);
        Map<String, Object> before = contents(from);
        await(readers.turn());
        CatalogContents real = from.catalog().contents();
        // As soon as the catalog has been read, the files are merged, and whatever can be removed is.
        CatalogContents merging = (CatalogContents) java.lang.reflect.Proxy.newProxyInstance(
                CatalogContents.class.getClassLoader(),
                new Class<?>[] {CatalogContents.class},
                (proxy, method, args) -> {
                    Mono<?> answer = (Mono<?>) method.invoke(real, args);
                    return method.getName().equals("read") ? answer.then(Mono.defer(() -> merge(one, other))) : answer;
                });
        CopyTally tally = new CopyTally();
        Backup backup = backup(merging, from.store(), Mono.empty());
        await(backup.run(backup.newId(), place, tally));
        assertThat(tally.rows()).isEqualTo(30);
        StoreFixture into = house("into");
        restore(into, latest());
        assertThat(contents(into)).isEqualTo(before);
        assertThat(contents(from)).isNotEqualTo(before);
        await(readers.turn());
        from.sweep().run().block();
        assertThat(from.stored()).as("once the backup has ended").hasSize(1);
    }

    private Mono<Void> merge(DataFile one, DataFile other) {
        DataFile merged = put(from, StoreFixture.TABLE, 1, 30);
        return from.catalog()
                .change(new FileChange(
                        "merge",
                        StoreFixture.TABLE,
                        List.of(merged),
                        List.of(one.objectKey(), other.objectKey()),
                        null))
                .then(Mono.defer(readers::turn))
                .then(Mono.defer(() -> from.sweep().run()))
                .then();
    }

    @Test
    void whatIsFlushedAtTheBeginningIsInIt() {
        Made made = backup(Mono.fromRunnable(() -> flush(from, StoreFixture.TABLE, 1, 10)));
        assertThat(made.contents().rows()).isEqualTo(10);
    }

    @Test
    void aBackupThatIsCutOffAnywhereIsNoneAndTheNextOneGoesOn() throws IOException {
        for (int n = 0; n < 6; n++) {
            flush(from, StoreFixture.TABLE, n, 10);
        }
        long calls = 0;
        boolean done = false;
        while (!done) {
            CutOff cut = new CutOff(calls++);
            BackupPlace behind = new BackupPlace(cut.before(ObjectStore.class, place.store()), false, "cut");
            Backup backup = backup(
                    cut.before(CatalogContents.class, from.catalog().contents()),
                    cut.before(ObjectStore.class, from.store()),
                    Mono.empty());
            done = Boolean.TRUE.equals(await(backup.run(backup.newId(), behind, new CopyTally())
                    .map(contents -> true)
                    .onErrorReturn(false)));
            assertThat(await(place.ids().count())).isEqualTo(done ? 1 : 0);
            assertThat(readers.pinned()).isZero();
        }
        assertThat(calls).as("steps at which it was cut off").isGreaterThan(10);
        StoreFixture into = house("into");
        restore(into, latest());
        assertSame(into);
    }

    @Test
    void aRestorationThatIsCutOffAnywhereShowsNothingAndTheNextOneGoesOn() throws IOException { // LESSONS 13
        for (int n = 0; n < 6; n++) {
            flush(from, StoreFixture.TABLE, n, 10);
        }
        backup();
        StoreFixture into = house("into");
        DataFile own = flush(into, StoreFixture.TABLE, 1, 5);
        long calls = 0;
        long copied = 0;
        boolean done = false;
        while (!done) {
            CutOff cut = new CutOff(calls++);
            BackupPlace behind = new BackupPlace(cut.before(ObjectStore.class, place.store()), false, "cut");
            Restore restore = restore(
                    into,
                    cut.before(CatalogContents.class, into.catalog().contents()),
                    cut.before(ObjectStore.class, into.store()));
            CopyTally tally = new CopyTally();
            done = Boolean.TRUE.equals(await(
                    restore.run(behind, latest(), tally).map(report -> true).onErrorReturn(false)));
            copied += tally.filesCopied();
            assertThat(filesIn(into)).isEqualTo(done ? 7 : 1);
        }
        assertThat(calls).as("steps at which it was cut off").isGreaterThan(20);
        assertThat(copied)
                .as("files, each fetched once but those under way at a cut")
                .isLessThan(40);
        assertThat(contents(into)).containsKey("file " + own.objectKey());
    }

    private void assertRefused(StoreFixture into, RestoreRequest request, String code, String sentence) {
        Map<String, Object> before = contents(into);
        assertThatThrownBy(() -> restore(into, request))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code().id()).isEqualTo(code))
                .hasMessageContaining(sentence);
        assertThat(contents(into)).isEqualTo(before);
    }

    private Path kept(DataFile file) throws IOException {
        try (Stream<Path> all = Files.walk(placeDirectory.resolve("objects"))) {
            return all.filter(path -> path.toString().contains(file.objectKey()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void damagedAndMissingFilesOfABackupAreRefusedAndNothingIsHalfRestored() throws IOException {
        flush(from, StoreFixture.TABLE, 1, 10);
        DataFile file = flush(from, StoreFixture.TABLE, 2, 10);
        backup();
        StoreFixture into = house("into");
        Path kept = kept(file);
        byte[] content = Files.readAllBytes(kept);
        content[content.length / 2] ^= 1;
        Files.write(kept, content);
        assertRefused(into, latest(), "backup-damaged", "its content has not the CRC-32C");
        Files.write(kept, new byte[3]);
        assertRefused(into, latest(), "backup-damaged", "has 3 bytes (expected: " + file.sizeBytes() + ")");
        Files.delete(kept);
        assertRefused(into, latest(), "backup-damaged", file.objectKey());
        Made made = backup();
        assertThat(made.tally().filesCopied())
                .as("the next backup puts it there again")
                .isEqualTo(1);
        restore(into, latest());
        assertSame(into);
    }

    private Path manifest(Made made) {
        return placeDirectory.resolve("backups").resolve(made.id() + ".ndjson.gz");
    }

    private static String unzipped(Path file) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void zip(Path file, String text) throws IOException {
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void manifestsThatAreDamagedOrOfALaterVersionAreRefused() throws IOException {
        flush(from, StoreFixture.TABLE, 1, 10);
        flush(from, StoreFixture.TABLE, 2, 10);
        Made made = backup();
        String text = unzipped(manifest(made));
        StoreFixture into = house("into");
        byte[] whole = Files.readAllBytes(manifest(made));
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(manifest(made), java.util.Arrays.copyOf(whole, length));
            assertRefused(into, latest(), "backup-damaged", "the manifest " + made.id() + " is damaged");
        }
        List<String> lines = text.lines().toList();
        for (int left = 0; left < lines.size(); left++) {
            List<String> fewer = new ArrayList<>(lines);
            fewer.remove(left);
            zip(manifest(made), String.join("\n", fewer) + "\n");
            assertRefused(into, latest(), "backup-damaged", "the manifest " + made.id() + " is damaged");
        }
        zip(manifest(made), text.replace("\"rows\":10", "\"rows\":11"));
        assertRefused(into, latest(), "backup-damaged", "CRC-32C");
        zip(manifest(made), text.replace("\"version\":1", "\"version\":2"));
        assertRefused(into, latest(), "backup-too-new", "the backup is of version 2 (expected: 1");
        zip(manifest(made), text);
        restore(into, latest());
        assertSame(into);
    }

    @Test
    void whatIsNotThereIsNotFound() throws IOException {
        StoreFixture into = house("into");
        assertRefused(into, latest(), "backup-not-found", "there is no backup at file://place");
        Made made = backup();
        assertRefused(
                into,
                new RestoreRequest("20200101T000000Z-abc", false, false),
                "backup-not-found",
                "there is no backup 20200101T000000Z-abc at file://place (expected: one of " + made.id() + ")");
    }

    @Test
    void whatWasCompactedSinceIsReplacedWhenAskedForAndOnlyWithoutServers() throws IOException {
        DataFile one = flush(from, StoreFixture.TABLE, 1, 10);
        DataFile other = flush(from, StoreFixture.TABLE, 1, 20);
        Map<String, Object> before = contents(from);
        backup();
        await(merge(one, other));
        flush(from, MEM, 5, 3);
        RestoreRequest replacing = new RestoreRequest("", true, false);
        assertRefused(from, replacing, "servers-running", "1 processes use this catalog");
        readers.close();
        assertRefused(from, latest(), "commit-conflict", "may be here already");
        assertThat(restore(from, new RestoreRequest("", true, true)).restored().rowsRemoved())
                .isEqualTo(33);
        assertThat(contents(from)).as("a dry run changes nothing").isNotEqualTo(before);
        RestoreReport report = restore(from, replacing);
        assertThat(report.restored().rows()).isEqualTo(30);
        assertThat(report.restored().rowsRemoved()).isEqualTo(33);
        assertThat(contents(from)).isEqualTo(before);
        assertThat(bytes(from.store(), one.objectKey())).hasSize((int) one.sizeBytes());
    }

    @Test
    void aFileOfTheSameNameWithOtherContentIsRefused() throws IOException {
        DataFile file = flush(from, StoreFixture.TABLE, 1, 10);
        backup();
        StoreFixture into = house("into");
        into.put(file.objectKey(), new byte[(int) file.sizeBytes()], java.time.Duration.ZERO);
        assertRefused(into, latest(), "restore-conflict", "the store has another object " + file.objectKey());
    }

    @Test
    void sourceFilesThatAreLostOrCutEndTheBackup() throws IOException {
        DataFile file = flush(from, StoreFixture.TABLE, 1, 10);
        Path object = directory.resolve("from/objects").resolve(file.objectKey());
        Files.write(object, new byte[7]);
        assertThatThrownBy(this::backup).hasMessageContaining("has 7 bytes (expected: " + file.sizeBytes() + ")");
        Files.delete(object);
        assertThatThrownBy(this::backup).hasMessageContaining(file.objectKey() + " is missing");
        assertThat(await(place.ids().count())).isZero();
    }

    /** {@code docs/formats/backup.md} is held to its word: the golden manifest is read, and the same lines are written. */
    @Test
    void theGoldenManifestIsReadAndWrittenAsItIs() throws IOException {
        String golden;
        try (var in = BackupRestoreTest.class.getResourceAsStream("manifest-v1.ndjson")) {
            golden = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Path file = directory.resolve("golden");
        zip(file, golden);
        Path copy = directory.resolve("copy");
        try (ManifestWriter writer = new ManifestWriter(copy)) {
            List<ManifestLine> lines = await(ManifestReader.lines(file, "golden", from.io())
                    .concatMapIterable(some -> some)
                    .collectList());
            for (ManifestLine line : lines) {
                if (line instanceof ManifestLine.Header header) {
                    writer.header(header);
                } else if (line instanceof ManifestLine.OfRow of) {
                    writer.row(of.row());
                } else if (line instanceof ManifestLine.OfFile of) {
                    writer.file(of);
                } else {
                    assertThat(((ManifestLine.End) line).contents()).isEqualTo(writer.end());
                }
            }
        }
        assertThat(unzipped(copy)).isEqualTo(golden);
    }
}
