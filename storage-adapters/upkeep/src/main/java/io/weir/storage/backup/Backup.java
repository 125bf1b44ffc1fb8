package io.weir.storage.backup;

import io.weir.common.error.WeirException;
import io.weir.storage.catalog.CatalogContents;
import io.weir.storage.catalog.CatalogRow;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.object.Checksum;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.upkeep.ReaderPresence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Copies a catalog and its files, as of one moment, to another place, while servers go on. A backup is there when its manifest
 * is, which is put last; files that an earlier backup put there are not copied again, so one that was cut off goes on where it was
 * when it is made again. A few thousand keys, and a few buffers a file, are in memory. Thread-safe; never blocks.
 *
 * <pre>
 *   flush ─ pin what queries could see ─ read the catalog, as of one moment, into a list on disk
 *         ─ the list and the place's listing, merged by key ─ 4 at a time: read, checksum, put
 *         ─ manifest
 * </pre>
 */
public final class Backup {

    private static final int FILES_AT_ONCE = 4;
    private static final int LINES_AT_ONCE = 200;
    private static final int PREFETCH = 1_000;
    private static final int RANDOM_CHARACTERS = 8;
    private static final DateTimeFormatter ID_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final CatalogContents catalog;
    private final ObjectStore store;
    private final ReaderPresence readers;
    private final Mono<Void> flush;
    private final ObjectDownload download;
    private final Path work;
    private final Clock clock;
    private final Scheduler io;

    /**
     * Backups of that catalog and its store.
     *
     * @param readers keeps files from being removed meanwhile
     * @param flush completes when everything that was acknowledged before is in files
     * @param work directory for files on their way
     * @param io bounded scheduler for disk work
     */
    public Backup(
            CatalogContents catalog,
            ObjectStore store,
            ReaderPresence readers,
            Mono<Void> flush,
            Path work,
            Clock clock,
            Scheduler io) {
        this.catalog = catalog;
        this.store = store;
        this.readers = readers;
        this.flush = flush;
        this.download = new ObjectDownload(store, io);
        this.work = work;
        this.clock = clock;
        this.io = io;
    }

    /** An id for a backup that begins now; in order of time. */
    public String newId() {
        return ID_TIME.format(clock.instant()) + "-"
                + UUID.randomUUID().toString().substring(0, RANDOM_CHARACTERS);
    }

    /**
     * Makes one backup.
     *
     * @return what is in it; an error {@code object-missing} or {@code object-damaged} when a file cannot be copied, and
     *     those of stores and catalogs: then there is no backup of that id
     */
    public Mono<BackupContents> run(String id, BackupPlace place, CopyTally tally) {
        Instant begun = clock.instant();
        return flush.then(WorkFolder.using(work, io, folder -> {
            DraftList list = new DraftList(folder);
            return Mono.usingWhen(
                    Mono.fromSupplier(readers::pin),
                    pin -> catalog.origins()
                            .flatMap(origins -> list.fill(catalog).then(Mono.defer(() -> {
                                tally.total(list.contents());
                                return copy(new ManifestLine.Header(id, begun, origins), list, place, tally, folder);
                            }))),
                    pin -> Mono.fromRunnable(pin));
        }));
    }

    private Mono<BackupContents> copy(
            ManifestLine.Header header, DraftList list, BackupPlace place, CopyTally tally, WorkFolder folder) {
        Path manifest = folder.file("manifest");
        return Mono.usingWhen(
                        folder.onDisk(() -> new ManifestWriter(manifest)),
                        writer -> folder.write(() -> writer.header(header))
                                .thenMany(list.rows().filter(row -> !(row instanceof CatalogRow.OfFile)))
                                .buffer(LINES_AT_ONCE)
                                .concatMap(
                                        rows -> folder.write(() -> {
                                            for (CatalogRow row : rows) {
                                                writer.row(row);
                                            }
                                        }),
                                        1)
                                .thenMany(Flux.defer(() -> files(list, place, tally, folder)))
                                .buffer(LINES_AT_ONCE)
                                .concatMap(
                                        files -> folder.write(() -> {
                                            for (ManifestLine.OfFile file : files) {
                                                writer.file(file);
                                            }
                                        }),
                                        1)
                                .then(folder.onDisk(writer::end)),
                        writer -> folder.write(writer::close))
                .flatMap(contents -> folder.onDisk(() -> Files.size(manifest))
                        .flatMap(size -> place.put(BackupPlace.manifestKey(header.id()), manifest, size, io))
                        .thenReturn(contents));
    }

    /** One key: a file to be backed up, or one that is at the place. */
    private record Entry(String key, CatalogRow.@Nullable OfFile row, BackupPlace.@Nullable Kept kept) {}

    private Flux<ManifestLine.OfFile> files(DraftList list, BackupPlace place, CopyTally tally, WorkFolder folder) {
        Flux<Entry> wanted = list.rows()
                .ofType(CatalogRow.OfFile.class)
                .map(row -> new Entry(row.file().objectKey(), row, null));
        Flux<Entry> there = place.kept().map(kept -> new Entry(kept.key(), null, kept));
        return Flux.mergeComparing(PREFETCH, Comparator.comparing(Entry::key), wanted, there)
                .bufferUntilChanged(Entry::key)
                .flatMapSequential(same -> file(same, place, tally, folder), FILES_AT_ONCE, FILES_AT_ONCE);
    }

    private Mono<ManifestLine.OfFile> file(List<Entry> same, BackupPlace place, CopyTally tally, WorkFolder folder) {
        Optional<CatalogRow.OfFile> wanted =
                same.stream().map(Entry::row).filter(row -> row != null).findFirst();
        if (wanted.isEmpty()) {
            return Mono.empty();
        }
        CatalogRow.OfFile row = wanted.get();
        DataFile file = row.file();
        List<BackupPlace.Kept> there = same.stream()
                .map(Entry::kept)
                .filter(kept -> kept != null && kept.sizeBytes() == file.sizeBytes())
                .toList();
        // Of two that could be it only its content tells which one is.
        Mono<Checksum> checksum = there.size() == 1 ? Mono.just(there.get(0).checksum()) : copied(file, place, folder);
        return checksum.doOnNext(done -> tally.done(file.rows(), file.sizeBytes(), there.size() != 1))
                .map(done -> new ManifestLine.OfFile(row, done));
    }

    private Mono<Checksum> copied(DataFile file, BackupPlace place, WorkFolder folder) {
        String key = file.objectKey();
        return folder.usingFile(copy -> download.into(copy, key, file.sizeBytes())
                .flatMap(found -> store.head(key)
                        .mapNotNull(ObjectInfo::checksum)
                        .flatMap(expected -> requireSame(key, found, expected))
                        .then(Mono.defer(
                                () -> place.put(BackupPlace.objectKey(key, found), copy, file.sizeBytes(), io)))
                        .thenReturn(found)));
    }

    private static Mono<Void> requireSame(String key, Checksum found, Checksum expected) {
        return found.equals(expected)
                ? Mono.empty()
                : Mono.error(new WeirException(
                        ObjectStoreError.OBJECT_DAMAGED,
                        "object " + key + " has the CRC-32C " + found + " (expected: " + expected + ")"));
    }
}
