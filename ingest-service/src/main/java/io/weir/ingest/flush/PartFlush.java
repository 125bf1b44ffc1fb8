package io.weir.ingest.flush;

import io.weir.common.error.WeirException;
import io.weir.common.schema.MeasurementSchema;
import io.weir.common.stats.FileTags;
import io.weir.ingest.buffer.BufferPart;
import io.weir.ingest.schema.SchemaRegistry;
import io.weir.ingest.wal.LoggedKey;
import io.weir.ingest.wal.WriteKey;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.FlushCommit;
import io.weir.storage.catalog.IdempotencyKey;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.StorageKeys;
import io.weir.storage.parquet.DataFileStats;
import io.weir.storage.parquet.DataFileWriter;
import io.weir.storage.parquet.HourPartitions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One attempt to flush one part: cut by hour, sort, write each hour's Parquet file, put it into the object store, then
 * commit all files with the log sequences they hold. The same part gives the same files under the same keys, so an
 * attempt after one that failed anywhere finds its own files and goes on.
 */
public final class PartFlush {

    private static final int MOST_IN_A_COMMIT = 256;

    private final SchemaRegistry schemas;
    private final DataFileWriter writer;
    private final ObjectStore store;
    private final GroupCommits commits;
    private final String walId;
    private final String keyPrefix;
    private final Path workDirectory;
    private final Scheduler scheduler;
    private final AtomicLong attempts = new AtomicLong();

    /**
     * Attempts over these parts of the house.
     *
     * @param walId log that the parts' sequences belong to
     * @param keyPrefix operator's prefix of object keys, may be empty
     * @param workDirectory where files are written before they are put; on the store's file system when it is local
     * @param scheduler bounded scheduler for the encoding
     * @param commitTimeout longest one transaction of the catalog may take
     */
    public PartFlush(
            SchemaRegistry schemas,
            DataFileWriter writer,
            ObjectStore store,
            Catalog catalog,
            String walId,
            String keyPrefix,
            Path workDirectory,
            Scheduler scheduler,
            Duration commitTimeout) {
        this.schemas = schemas;
        this.writer = writer;
        this.store = store;
        this.commits = new GroupCommits(catalog, MOST_IN_A_COMMIT, commitTimeout);
        this.walId = walId;
        this.keyPrefix = keyPrefix;
        this.workDirectory = workDirectory;
        this.scheduler = scheduler;
    }

    /** Writes and commits the part. Repeatable. */
    public Mono<Void> flush(BufferPart part) {
        return schemas.open(part.table().databaseId())
                .map(database -> requireSchema(part, database.find(part.table().measurement())))
                .publishOn(scheduler)
                .flatMapMany(schema -> writeAll(part, HourPartitions.of(schema, part.columnBatches())))
                .collectList()
                .flatMap(files -> commits.commit(new FlushCommit(
                        part.flushId(),
                        part.table(),
                        walId,
                        part.firstSequence(),
                        part.lastSequence(),
                        files,
                        part.keys().stream().map(key -> key(part, key)).toList())));
    }

    private IdempotencyKey key(BufferPart part, LoggedKey logged) {
        WriteKey key = logged.key();
        return new IdempotencyKey(
                part.table().organisation(),
                part.table().database(),
                key.text(),
                key.writtenMillis(),
                key.expiresMillis(),
                key.bodyBytes(),
                key.fingerprint(),
                walId,
                logged.sequence(),
                key.outcome());
    }

    private static MeasurementSchema requireSchema(
            BufferPart part, @org.jspecify.annotations.Nullable MeasurementSchema schema) {
        if (schema == null) {
            throw new IllegalStateException("no schema of " + part.table() + ", though rows were admitted");
        }
        return schema;
    }

    private Flux<DataFile> writeAll(BufferPart part, HourPartitions hours) {
        return Flux.range(0, hours.count()).concatMap(n -> writeOne(part, hours, n));
    }

    private Mono<DataFile> writeOne(BufferPart part, HourPartitions hours, int number) {
        String key = StorageKeys.dataFile(
                keyPrefix, part.table(), hours.hour(number) * HourPartitions.MICROS_PER_HOUR, part.flushId(), number);
        // A name of its own: an attempt that was given up may still be writing.
        Path file =
                workDirectory.resolve(part.flushId() + "-" + number + "-" + attempts.incrementAndGet() + ".parquet");
        return Mono.fromCallable(() -> encode(part, hours, number, file))
                .subscribeOn(scheduler)
                .flatMap(stats -> put(key, file, stats).thenReturn(stats))
                .onErrorResume(e -> removed(file, e).subscribeOn(scheduler).then(Mono.error(e)))
                .map(stats -> new DataFile(
                        key,
                        stats.minTimeMicros(),
                        stats.maxTimeMicros(),
                        stats.rows(),
                        stats.bytes(),
                        FileTags.of(stats.tags())));
    }

    /** What a failed attempt leaves; what a cancelled one leaves goes with the next start. */
    private static Mono<Void> removed(Path file, Throwable cause) {
        return Mono.fromCallable(() -> Files.deleteIfExists(file))
                .doOnError(cause::addSuppressed)
                .onErrorComplete()
                .then();
    }

    private DataFileStats encode(BufferPart part, HourPartitions hours, int number, Path file) {
        return writer.write(
                hours.sorted(number),
                file,
                Map.of(
                        DataFileWriter.MEASUREMENT_KEY,
                        part.table().measurement(),
                        DataFileWriter.FLUSH_ID_KEY,
                        part.flushId()));
    }

    /** A key that is taken holds this very file when an earlier attempt put it; anything else is a failure. */
    private Mono<ObjectInfo> put(String key, Path file, DataFileStats stats) {
        return store.put(key, file)
                .onErrorResume(
                        PartFlush::isTaken,
                        taken -> store.head(key)
                                .filter(there -> there.sizeBytes() == stats.bytes())
                                .switchIfEmpty(Mono.error(taken))
                                .flatMap(there -> removed(file, taken)
                                        .subscribeOn(scheduler)
                                        .thenReturn(there)));
    }

    private static boolean isTaken(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == ObjectStoreError.OBJECT_EXISTS;
    }
}
