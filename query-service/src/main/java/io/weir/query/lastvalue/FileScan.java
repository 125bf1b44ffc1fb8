package io.weir.query.lastvalue;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.TableId;
import io.weir.common.schema.MeasurementSchema;
import io.weir.query.snapshot.FileRef;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.FileRows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads the newest rows of each series out of files, some files a statement, so that other queries get the engine in between.
 * Thread-safe; never blocks.
 */
final class FileScan {

    private static final int FILES_A_STATEMENT = 64;
    private static final long ROWS_A_STATEMENT = 20_000_000;
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int BATCHES_AT_ONCE = 16;

    private final DuckDbEngine engine;
    private final long limitBytes;

    /** @param limitBytes most the rows may hold */
    FileScan(DuckDbEngine engine, long limitBytes) {
        this.engine = engine;
        this.limitBytes = limitBytes;
    }

    /** The newest rows in those files, in one batch or none; fails with {@code overloaded} when they hold too much. */
    Mono<List<ColumnBatch>> newest(TableId table, MeasurementSchema schema, List<FileRef> files) {
        return Flux.fromIterable(groups(files))
                .concatMap(group -> statement(table, schema, group), 1)
                .collect(Picking::new, Picking::add)
                .map(Picking::end);
    }

    private Flux<ColumnBatch> statement(TableId table, MeasurementSchema schema, List<FileRef> files) {
        List<String> paths = files.stream().map(FileRef::path).toList();
        return engine.withSession(
                LIMIT,
                session -> session.run(connection -> {
                            connection.bind(NewestRowsSql.VIEW, schema, column -> true, FileRows.all(paths), List.of());
                            return true;
                        })
                        .thenMany(Flux.defer(() -> session.stream(
                                NewestRowsSql.of(schema), List.of(), new ArrowRows(table.measurement(), schema)))));
    }

    private static List<List<FileRef>> groups(List<FileRef> files) {
        List<List<FileRef>> groups = new ArrayList<>();
        List<FileRef> group = new ArrayList<>();
        long rows = 0;
        for (FileRef file : files) {
            if (!group.isEmpty() && (group.size() == FILES_A_STATEMENT || rows + file.rows() > ROWS_A_STATEMENT)) {
                groups.add(group);
                group = new ArrayList<>();
                rows = 0;
            }
            group.add(file);
            rows += file.rows();
        }
        if (!group.isEmpty()) {
            groups.add(group);
        }
        return groups;
    }

    /** Batches as they come, picked over whenever there are some. */
    private final class Picking {

        private final List<ColumnBatch> batches = new ArrayList<>();

        void add(ColumnBatch batch) {
            batches.add(batch);
            if (batches.size() >= BATCHES_AT_ONCE) {
                end();
            }
        }

        List<ColumnBatch> end() {
            if (!NewestRows.canPick(batches)) {
                throw tooLarge();
            }
            ColumnBatch picked = NewestRows.of(batches);
            batches.clear();
            if (picked != null) {
                if (picked.sizeBytes() > limitBytes) {
                    throw tooLarge();
                }
                batches.add(picked);
            }
            return List.copyOf(batches);
        }

        private WeirException tooLarge() {
            return new WeirException(
                    CommonError.OVERLOADED,
                    "the newest rows of the measurement hold too much (expected: at most " + limitBytes
                            + " bytes, weir.last-values.memory)");
        }
    }
}
