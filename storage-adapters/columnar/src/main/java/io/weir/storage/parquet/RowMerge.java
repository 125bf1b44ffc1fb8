package io.weir.storage.parquet;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings rows of many batches into the order of {@link SortedRows}: a counting sort by series, then by time within each. */
final class RowMerge {

    private final MeasurementSchema schema;
    private final List<BatchRows> arrived;
    private final int rows;
    private final boolean hasNanos;

    /** @param arrived rows in order of arrival */
    RowMerge(MeasurementSchema schema, List<BatchRows> arrived) {
        this.schema = schema;
        this.arrived = arrived;
        long count = 0;
        for (BatchRows some : arrived) {
            check(some.batch());
            count += some.count();
        }
        if (count > Integer.MAX_VALUE - 16) {
            throw new IllegalArgumentException(count + " rows are too many to sort at once (expected: below 2^31)");
        }
        this.rows = (int) count;
        this.hasNanos = arrived.stream().anyMatch(some -> some.batch().timeNanos() != null);
    }

    SortedRows sorted() {
        List<String> tagNames = schema.columns().stream()
                .filter(column -> column.type() == ColumnType.TAG)
                .map(Column::name)
                .toList();
        SeriesUnifier unifier = new SeriesUnifier(tagNames);
        int[][] idsPlusOne = new int[arrived.size()][];
        for (int b = 0; b < idsPlusOne.length; b++) {
            idsPlusOne[b] = unifier.local(arrived.get(b).batch().series()).identify(arrived.get(b));
        }
        int[] counts = new int[unifier.size() + 1];
        for (int b = 0; b < idsPlusOne.length; b++) {
            count(arrived.get(b), idsPlusOne[b], counts);
        }
        SeriesUnifier.Unified unified = unifier.finish();
        int[] starts = new int[unifier.size() + 1];
        for (int id = 0; id < unifier.size(); id++) {
            starts[unified.rankOf()[id] + 1] = counts[id + 1];
        }
        for (int series = 1; series < starts.length; series++) {
            starts[series] += starts[series - 1];
        }
        return place(unified, idsPlusOne, starts);
    }

    private static void count(BatchRows some, int[] idsPlusOne, int[] counts) {
        int[] seriesOfRow = some.batch().seriesOfRow();
        if (some.rows() == null) {
            for (int row = 0; row < some.count(); row++) {
                counts[idsPlusOne[seriesOfRow[row]]]++;
            }
        } else {
            for (int row : some.rows()) {
                counts[idsPlusOne[seriesOfRow[row]]]++;
            }
        }
    }

    private SortedRows place(SeriesUnifier.Unified unified, int[][] idsPlusOne, int[] starts) {
        long[] times = new long[rows];
        long[] refs = new long[rows];
        short @Nullable [] nanos = hasNanos ? new short[rows] : null;
        int[] next = new int[starts.length];
        for (int id = 0; id < starts.length - 1; id++) {
            next[id + 1] = starts[unified.rankOf()[id]];
        }
        for (int b = 0; b < idsPlusOne.length; b++) {
            place(b, idsPlusOne[b], next, times, nanos, refs);
        }
        TimeSort sort = new TimeSort(times, nanos, refs);
        for (int series = 0; series < starts.length - 1; series++) {
            sort.sort(starts[series], starts[series + 1]);
        }
        List<ColumnBatch> batches = arrived.stream().map(BatchRows::batch).toList();
        return SortedRows.of(schema, batches, unified.table(), starts, times, nanos, refs);
    }

    /** Puts the rows of one batch where their series have their next places. */
    private void place(int batch, int[] idsPlusOne, int[] next, long[] times, short @Nullable [] nanos, long[] refs) {
        BatchRows some = arrived.get(batch);
        int[] seriesOfRow = some.batch().seriesOfRow();
        long[] batchTimes = some.batch().timeMicros();
        short @Nullable [] batchNanos = some.batch().timeNanos();
        if (some.rows() == null && batchNanos == null) {
            for (int row = 0; row < some.count(); row++) {
                int at = next[idsPlusOne[seriesOfRow[row]]]++;
                times[at] = batchTimes[row];
                refs[at] = RowRefs.of(batch, row);
            }
            return;
        }
        for (int i = 0; i < some.count(); i++) {
            int row = some.row(i);
            int at = next[idsPlusOne[seriesOfRow[row]]]++;
            times[at] = batchTimes[row];
            refs[at] = RowRefs.of(batch, row);
            if (nanos != null && batchNanos != null) {
                nanos[at] = batchNanos[row];
            }
        }
    }

    private void check(ColumnBatch batch) {
        String measurement = arrived.get(0).batch().measurement();
        if (!measurement.equals(batch.measurement())) {
            throw new IllegalArgumentException(
                    "batches of two measurements: " + measurement + " and " + batch.measurement());
        }
        for (Column column : batch.columns()) {
            Column known = schema.find(column.name());
            if (known == null || known.type() != column.type()) {
                throw new IllegalArgumentException("a batch has column \"" + column.name() + "\" of type "
                        + column.type().noun() + " (expected: "
                        + (known == null ? "no such column" : known.type().noun()) + ")");
            }
        }
        if (batch.timeNanos() != null && !schema.hasNanos()) {
            throw new IllegalArgumentException("a batch has nanoseconds (expected: none, says the schema)");
        }
    }
}
