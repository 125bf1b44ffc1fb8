package io.weir.storage.backup;

import io.weir.common.error.WeirException;
import io.weir.storage.catalog.CatalogContents;
import io.weir.storage.catalog.CatalogRow;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Restoration;
import io.weir.storage.catalog.Restored;
import io.weir.storage.object.Checksum;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.upkeep.OrphanSweep;
import io.weir.storage.upkeep.StoreOwnership;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Puts a backup back into a catalog and its store. Files are copied first, each with its checksum compared, and are orphans
 * until the end; then one transaction makes all of them visible. Whatever ends this before leaves the catalog as it was, and
 * files that were copied are not copied again by the next attempt. Thread-safe; never blocks.
 *
 * <pre>
 *   manifest, checked whole ─ would the catalog take it? ─ 4 at a time: read, checksum, put ─ catalog, in one transaction
 * </pre>
 */
public final class Restore {

    private static final int FILES_AT_ONCE = 4;

    private final CatalogContents catalog;
    private final CatalogUpkeep upkeep;
    private final ObjectStore store;
    private final ObjectDownload stored;
    private final OrphanSweep sweep;
    private final Path work;
    private final Clock clock;
    private final Scheduler io;

    /**
     * Restorations into that catalog and its store.
     *
     * @param work directory for files on their way, on the file system of a local store
     * @param io bounded scheduler for disk work
     */
    public Restore(
            CatalogContents catalog, CatalogUpkeep upkeep, ObjectStore store, Path work, Clock clock, Scheduler io) {
        this.catalog = catalog;
        this.upkeep = upkeep;
        this.store = store;
        this.stored = new ObjectDownload(store, io);
        this.sweep = new OrphanSweep(store, upkeep, Duration.ofDays(1), clock); // only of what is condemned
        this.work = work;
        this.clock = clock;
        this.io = io;
    }

    /**
     * Restores a backup.
     *
     * @return what was done; an error of {@link BackupError}, of {@link CatalogContents#restore}, or of the stores: then
     *     nothing of it is visible
     */
    public Mono<RestoreReport> run(BackupPlace place, RestoreRequest request, CopyTally tally) {
        return find(place, request.id())
                .flatMap(id -> WorkFolder.using(work, io, folder -> {
                    Path manifest = folder.file("manifest");
                    return download(place, id, manifest)
                            .then(check(manifest, id))
                            .flatMap(checked -> {
                                tally.total(checked.end().contents());
                                return run(place, request, new Job(manifest, id, checked, folder), tally);
                            });
                }));
    }

    private record Checked(ManifestLine.Header header, ManifestLine.End end) {}

    private record Job(Path manifest, String id, Checked checked, WorkFolder folder) {

        Flux<ManifestLine> lines() {
            return ManifestReader.lines(manifest, id, folder.io()).concatMapIterable(lines -> lines, 1);
        }
    }

    private static Mono<String> find(BackupPlace place, String wanted) {
        return place.ids().collectList().flatMap(ids -> {
            if (ids.isEmpty()) {
                return Mono.error(notFound("there is no backup at " + place.name() + " (expected: " + place.name() + "/"
                        + BackupPlace.manifestKey("…") + ")"));
            }
            String id = wanted.isEmpty() ? ids.get(ids.size() - 1) : wanted;
            return ids.contains(id)
                    ? Mono.just(id)
                    : Mono.error(notFound("there is no backup " + id + " at " + place.name() + " (expected: one of "
                            + String.join(", ", ids) + ")"));
        });
    }

    private static WeirException notFound(String detail) {
        return new WeirException(BackupError.BACKUP_NOT_FOUND, detail);
    }

    private Mono<Void> download(BackupPlace place, String id, Path file) {
        String key = BackupPlace.manifestKey(id);
        return place.store()
                .head(key)
                .switchIfEmpty(Mono.error(() -> notFound("backup " + id + " is gone from " + place.name())))
                .flatMap(there -> new ObjectDownload(place.store(), io).into(file, key, there.sizeBytes()))
                .then();
    }

    /** Reads all of it, for what is damaged far behind is to be found out before anything is done. */
    private Mono<Checked> check(Path manifest, String id) {
        return ManifestReader.lines(manifest, id, io)
                .map(lines -> List.of(lines.get(0), lines.get(lines.size() - 1)))
                .reduce((first, last) -> List.of(first.get(0), last.get(1)))
                .map(ends -> new Checked((ManifestLine.Header) ends.get(0), (ManifestLine.End) ends.get(1)));
    }

    private Mono<RestoreReport> run(BackupPlace place, RestoreRequest request, Job job, CopyTally tally) {
        Restoration restoration = new Restoration(
                UUID.randomUUID().toString().replace("-", ""),
                job.lines().mapNotNull(Restore::row),
                job.checked().header().origins(),
                request.replace());
        Mono<Restored> restored = request.dryRun()
                ? Mono.empty()
                : copyAll(place, job, tally).then(Mono.defer(() -> catalog.restore(restoration)));
        return new StoreOwnership(store, upkeep)
                .claim()
                .then(makeWay(request.replace()))
                .then(Mono.defer(() -> catalog.tryRestore(restoration)))
                .flatMap(tried -> restored.defaultIfEmpty(tried))
                .map(done -> new RestoreReport(
                        job.id(),
                        job.checked().header().created(),
                        job.checked().end().contents(),
                        done));
    }

    private static @Nullable CatalogRow row(ManifestLine line) {
        if (line instanceof ManifestLine.OfRow of) {
            return of.row();
        }
        return line instanceof ManifestLine.OfFile of ? of.row() : null;
    }

    /** Objects on their way out of the store go at once when nobody reads, for the backup may have files of their names. */
    private Mono<Void> makeWay(boolean replace) {
        return catalog.readers().flatMap(readers -> {
            if (readers == 0) {
                return sweep.remove()
                        .then(Mono.defer(() -> upkeep.forgetGone(clock.instant().plusSeconds(1))))
                        .then();
            }
            return replace
                    ? Mono.error(new WeirException(
                            BackupError.SERVERS_RUNNING,
                            readers
                                    + " processes use this catalog (expected: none while rows are replaced; one that was"
                                    + " killed counts for two minutes more)"))
                    : Mono.empty();
        });
    }

    private Mono<Void> copyAll(BackupPlace place, Job job, CopyTally tally) {
        ObjectDownload kept = new ObjectDownload(place.store(), io);
        return job.lines()
                .ofType(ManifestLine.OfFile.class)
                .flatMap(file -> copy(place, kept, file, job.folder(), tally), FILES_AT_ONCE, FILES_AT_ONCE)
                .then();
    }

    private Mono<Void> copy(
            BackupPlace place, ObjectDownload kept, ManifestLine.OfFile line, WorkFolder folder, CopyTally tally) {
        DataFile file = line.row().file();
        return store.head(file.objectKey())
                .flatMap(there -> requireSame(there, line).thenReturn(false))
                .switchIfEmpty(Mono.defer(() -> fetch(place, kept, line, folder)))
                .doOnNext(copied -> tally.done(file.rows(), file.sizeBytes(), copied))
                .then();
    }

    private Mono<Void> requireSame(ObjectInfo there, ManifestLine.OfFile line) {
        DataFile file = line.row().file();
        Checksum told = there.checksum();
        Mono<Checksum> checksum = there.sizeBytes() == file.sizeBytes() && told == null
                ? stored.checksum(file.objectKey(), file.sizeBytes())
                : Mono.justOrEmpty(told);
        return checksum.filter(found -> there.sizeBytes() == file.sizeBytes() && found.equals(line.checksum()))
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        BackupError.RESTORE_CONFLICT,
                        "the store has another object " + file.objectKey() + ", of " + there.sizeBytes()
                                + " bytes (expected: " + file.sizeBytes() + " with the CRC-32C " + line.checksum()
                                + ", or none)",
                        Map.of("key", file.objectKey()))))
                .then();
    }

    private Mono<Boolean> fetch(BackupPlace place, ObjectDownload kept, ManifestLine.OfFile line, WorkFolder folder) {
        DataFile file = line.row().file();
        String key = BackupPlace.objectKey(file.objectKey(), line.checksum());
        return folder.usingFile(copy -> kept.into(copy, key, file.sizeBytes())
                .onErrorMap(Restore::isDamage, e -> damaged(place, key, String.valueOf(e.getMessage())))
                .filter(found -> found.equals(line.checksum()))
                .switchIfEmpty(
                        Mono.error(() -> damaged(place, key, "its content has not the CRC-32C " + line.checksum())))
                .flatMap(found -> store.put(file.objectKey(), copy))
                .thenReturn(true));
    }

    private static boolean isDamage(Throwable failure) {
        return ObjectStoreError.OBJECT_MISSING.is(failure) || ObjectStoreError.OBJECT_DAMAGED.is(failure);
    }

    private static WeirException damaged(BackupPlace place, String key, String why) {
        return new WeirException(
                BackupError.BACKUP_DAMAGED,
                "file " + key + " at " + place.name() + " is damaged: " + why + "; nothing was restored",
                Map.of("key", key));
    }
}
