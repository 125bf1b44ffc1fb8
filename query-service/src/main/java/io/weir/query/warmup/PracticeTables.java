package io.weir.query.warmup;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.query.snapshot.StoredTable;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableSnapshot;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One measurement {@code (host tag, v float)} of a thousand hot rows, a second apart, in a database of no one's. */
final class PracticeTables implements TableCatalog, HotRows {

    static final DatabaseId DATABASE = new DatabaseId("practice", "practice");
    static final String MEASUREMENT = "m";

    private static final int ROWS = 1_000;
    private static final MeasurementSchema SCHEMA = MeasurementSchema.of(
            List.of(new Column("host", ColumnType.TAG), new Column("v", ColumnType.FLOAT64)), false);

    private final ColumnBatch batch = batch();

    private static ColumnBatch batch() {
        long[] times = new long[ROWS];
        double[] values = new double[ROWS];
        int[] series = new int[ROWS];
        for (int i = 0; i < ROWS; i++) {
            times[i] = i * 1_000_000L;
            values[i] = i / 3.0;
            series[i] = i % 2;
        }
        SeriesTable hosts = new SeriesTable(
                2, List.of("host"), new int[][] {{0, 1}}, new Utf8Dictionary[] {Utf8Dictionary.of("a", "b")});
        return new ColumnBatch(
                MEASUREMENT, ROWS, times, null, hosts, series, List.of(new DoubleColumn("v", values, null)));
    }

    @Override
    public Mono<List<HotPart>> snapshot(TableId table, HotHold hold) {
        return Mono.fromSupplier(() -> List.of(hold.add(new HotPart("practice", List.of(batch)))));
    }

    @Override
    public Mono<TableSnapshot> snapshot(TableId table, TimeRange range, Collection<String> hotFlushIds, HotHold hold) {
        return Mono.just(new TableSnapshot(SCHEMA, List.of(), Set.of()));
    }

    @Override
    public Mono<StoredTable> stored(TableId table, TimeRange range, Collection<String> hotFlushIds) {
        return Mono.just(new StoredTable(SCHEMA, 0, 0, 0, new TimeRange(Long.MAX_VALUE, Long.MIN_VALUE), Set.of()));
    }

    @Override
    public Mono<Boolean> createDatabase(DatabaseId database) {
        return Mono.just(false);
    }

    @Override
    public Flux<String> databases(String organisation) {
        return Flux.just(DATABASE.database());
    }

    @Override
    public Flux<String> measurements(DatabaseId database) {
        return Flux.just(MEASUREMENT);
    }
}
