package io.weir.query.continuous;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.TableId;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.StorageKeys;
import io.weir.storage.parquet.DataFileStats;
import io.weir.storage.parquet.DataFileWriter;
import io.weir.storage.parquet.HourPartitions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Puts the rows of a window into the object store, as a flush puts those of clients: new columns are agreed with the catalog
 * first, then there is a file for each hour. What is not committed afterwards goes as orphans go. Thread-safe.
 */
final class WindowFiles {

    private final Catalog catalog;
    private final ObjectStore store;
    private final DataFileWriter writer;
    private final ContinuousPlaces places;
    private final Scheduler scheduler;

    /** @param scheduler where files are encoded */
    WindowFiles(
            Catalog catalog, ObjectStore store, DataFileWriter writer, ContinuousPlaces places, Scheduler scheduler) {
        this.catalog = catalog;
        this.store = store;
        this.writer = writer;
        this.places = places;
        this.scheduler = scheduler;
    }

    /**
     * Puts the files of a window.
     *
     * @param id unique, in the names of the files
     * @return them, which nobody sees yet; an error {@code column-conflict} when the destination has a column with another
     *     type, {@code database-not-found}, and those of the store
     */
    Mono<List<DataFile>> put(TableId table, ColumnBatch batch, String id) {
        return catalog.addColumns(table, batch.columns(), batch.timeNanos() != null)
                .publishOn(scheduler)
                .flatMap(schema -> putAll(table, schema, batch, id));
    }

    private Mono<List<DataFile>> putAll(TableId table, MeasurementSchema schema, ColumnBatch batch, String id) {
        HourPartitions hours = HourPartitions.of(schema, List.of(batch));
        return Flux.range(0, hours.count())
                .concatMap(n -> putOne(table, hours, n, id))
                .collectList();
    }

    private Mono<DataFile> putOne(TableId table, HourPartitions hours, int number, String id) {
        String key = StorageKeys.dataFile(
                places.keyPrefix(), table, hours.hour(number) * HourPartitions.MICROS_PER_HOUR, id, number);
        Path file = places.work().resolve("window-" + id + "-" + number + ".parquet");
        return Mono.usingWhen(
                        Mono.just(file),
                        path -> Mono.fromCallable(() -> encode(table, hours, number, id, path))
                                .subscribeOn(scheduler)
                                .flatMap(stats -> store.put(key, path).thenReturn(stats)),
                        path -> Mono.fromCallable(() -> Files.deleteIfExists(path))
                                .subscribeOn(scheduler))
                .map(stats ->
                        new DataFile(key, stats.minTimeMicros(), stats.maxTimeMicros(), stats.rows(), stats.bytes()));
    }

    private DataFileStats encode(TableId table, HourPartitions hours, int number, String id, Path file) {
        return writer.write(
                hours.sorted(number),
                file,
                Map.of(DataFileWriter.MEASUREMENT_KEY, table.measurement(), DataFileWriter.FLUSH_ID_KEY, id));
    }
}
