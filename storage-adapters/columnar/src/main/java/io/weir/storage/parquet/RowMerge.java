package io.weir.storage.parquet;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings rows of many batches into the order of {@link SortedRows}: a counting sort by series, then by time within each. */
final class RowMerge {

    private final MeasurementSchema schema;
    private final List<ColumnBatch> batches = new ArrayList<>();
    private final long[] arrived;
    private final boolean hasNanos;

    /** @param refs rows in order of arrival, in {@code [from, to)} */
    RowMerge(MeasurementSchema schema, List<ColumnBatch> all, long[] refs, int from, int to) {
        this.schema = schema;
        this.arrived = Arrays.copyOfRange(refs, from, to);
        int last = -1;
        for (int i = 0; i < arrived.length; i++) {
            int batch = RowRefs.batch(arrived[i]);
            if (batch != last) {
                batches.add(checked(all.get(batch)));
                last = batch;
            }
            arrived[i] = RowRefs.of(batches.size() - 1, RowRefs.row(arrived[i]));
        }
        this.hasNanos = batches.stream().anyMatch(batch -> batch.timeNanos() != null);
    }

    SortedRows sorted() {
        List<String> tagNames = schema.columns().stream()
                .filter(column -> column.type() == ColumnType.TAG)
                .map(Column::name)
                .toList();
        SeriesUnifier unifier = new SeriesUnifier(tagNames);
        int[] seriesOf = identify(unifier);
        SeriesUnifier.Unified unified = unifier.finish();
        int[] starts = new int[unifier.size() + 1];
        for (int i = 0; i < seriesOf.length; i++) {
            seriesOf[i] = unified.rankOf()[seriesOf[i]];
            starts[seriesOf[i] + 1]++;
        }
        for (int series = 1; series < starts.length; series++) {
            starts[series] += starts[series - 1];
        }
        return place(unified, seriesOf, starts);
    }

    /** Per row in order of arrival, the id of its series. */
    private int[] identify(SeriesUnifier unifier) {
        int[] seriesOf = new int[arrived.length];
        int i = 0;
        for (int b = 0; b < batches.size(); b++) {
            int[] seriesOfRow = batches.get(b).seriesOfRow();
            SeriesUnifier.Local local = unifier.local(batches.get(b).series());
            for (; i < arrived.length && RowRefs.batch(arrived[i]) == b; i++) {
                seriesOf[i] = local.idOf(seriesOfRow[RowRefs.row(arrived[i])]);
            }
        }
        return seriesOf;
    }

    private SortedRows place(SeriesUnifier.Unified unified, int[] seriesOf, int[] starts) {
        long[] times = new long[arrived.length];
        long[] refs = new long[arrived.length];
        short @Nullable [] nanos = hasNanos ? new short[arrived.length] : null;
        int[] next = Arrays.copyOf(starts, starts.length - 1);
        int i = 0;
        for (int b = 0; b < batches.size(); b++) {
            long[] batchTimes = batches.get(b).timeMicros();
            short @Nullable [] batchNanos = batches.get(b).timeNanos();
            for (; i < arrived.length && RowRefs.batch(arrived[i]) == b; i++) {
                int at = next[seriesOf[i]]++;
                int row = RowRefs.row(arrived[i]);
                times[at] = batchTimes[row];
                refs[at] = arrived[i];
                if (nanos != null && batchNanos != null) {
                    nanos[at] = batchNanos[row];
                }
            }
        }
        TimeSort sort = new TimeSort(times, nanos, refs);
        for (int series = 0; series < starts.length - 1; series++) {
            sort.sort(starts[series], starts[series + 1]);
        }
        return SortedRows.of(schema, List.copyOf(batches), unified.table(), starts, times, nanos, refs);
    }

    private ColumnBatch checked(ColumnBatch batch) {
        if (!batches.isEmpty() && !batches.get(0).measurement().equals(batch.measurement())) {
            throw new IllegalArgumentException(
                    "batches of two measurements: " + batches.get(0).measurement() + " and " + batch.measurement());
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
        return batch;
    }
}
