package io.weir.query.lastvalue;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.SeriesCopier;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.schema.ColumnType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Picks, out of rows of one measurement, those that any question for the newest can depend on: of each series every row of its
 * latest time, and for each field every row of the latest time at which the series has a value for it. Rows that share that time
 * are all kept. It may be applied to parts first and to what is left of them then.
 *
 * <pre>
 *   time  a     b          kept
 *   1     1.0   2.0
 *   2     1.5   3.0        the latest b
 *   3     1.7              the latest row, and the latest a
 * </pre>
 */
final class NewestRows {

    private static final long NEVER = Long.MIN_VALUE;
    private static final long MOST_WORK_BYTES = 64 << 20;

    private final List<ColumnBatch> batches;
    private final Map<String, Integer> fields = new HashMap<>();
    private final Map<String, ColumnType> types = new HashMap<>();
    private final Map<String, Integer> complete = new HashMap<>();

    private NewestRows(List<ColumnBatch> batches) {
        this.batches = batches;
        for (ColumnBatch batch : batches) {
            for (FieldColumn field : batch.fields()) {
                fields.putIfAbsent(field.name(), fields.size());
                types.merge(
                        field.name(),
                        field.type(),
                        (one, other) -> other == ColumnType.FLOAT64 ? ColumnType.FLOAT64 : one);
                complete.merge(field.name(), field.validity() == null ? 1 : 0, Integer::sum);
            }
        }
    }

    /** Whether picking among those rows takes a bounded amount of memory: not of many series with many fields that rows lack. */
    static boolean canPick(List<ColumnBatch> batches) {
        NewestRows newest = new NewestRows(batches);
        long sparse = newest.fields.keySet().stream().filter(newest::isSparse).count();
        long series = batches.stream().mapToLong(batch -> batch.series().size()).sum();
        return (sparse + 1) * series * Long.BYTES <= MOST_WORK_BYTES;
    }

    /** Those rows as one batch; null when there are no rows at all. */
    static @Nullable ColumnBatch of(List<ColumnBatch> batches) {
        if (batches.isEmpty()) {
            return null;
        }
        if (batches.size() == 1
                && batches.get(0).rows() == batches.get(0).series().size()) {
            return batches.get(0); // one row a series
        }
        NewestRows newest = new NewestRows(batches);
        List<Picked> picked = new ArrayList<>(batches.size());
        for (ColumnBatch batch : batches) {
            int[] all = new int[batch.rows()];
            Arrays.setAll(all, row -> row);
            int[] series = batch.seriesOfRow();
            Maxima own = newest.maxima(batch.series().size());
            own.see(batch, all, all.length, series);
            picked.add(newest.pick(batch, all, all.length, series, own));
        }
        return newest.gather(batches.size() == 1 ? picked : newest.amongAll(picked));
    }

    /** Rows of one batch. */
    private static final class Picked {

        private final ColumnBatch batch;
        private final int[] rows;
        private final int count;

        private Picked(ColumnBatch batch, int[] rows, int count) {
            this.batch = batch;
            this.rows = rows;
            this.count = count;
        }

        ColumnBatch batch() {
            return batch;
        }

        /** Their numbers in the batch; the first {@link #count} count. */
        int[] rows() {
            return rows;
        }

        int count() {
            return count;
        }
    }

    private List<Picked> amongAll(List<Picked> picked) {
        SeriesTableBuilder all = new SeriesTableBuilder(bytes -> {});
        List<int[]> numbers = new ArrayList<>(picked.size());
        for (Picked of : picked) {
            SeriesCopier copier = new SeriesCopier(of.batch().series(), all, all::tag, bytes -> {});
            int[] known = new int[of.batch().series().size()];
            for (int i = 0; i < of.count(); i++) {
                int series = of.batch().seriesOfRow()[of.rows()[i]];
                if (known[series] == 0) {
                    known[series] = copier.copy(series) + 1;
                }
            }
            int[] byRow = new int[of.batch().rows()];
            for (int i = 0; i < of.count(); i++) {
                int row = of.rows()[i];
                byRow[row] = known[of.batch().seriesOfRow()[row]] - 1;
            }
            numbers.add(byRow);
        }
        Maxima maxima = maxima(all.size());
        for (int i = 0; i < picked.size(); i++) {
            maxima.see(
                    picked.get(i).batch(), picked.get(i).rows(), picked.get(i).count(), numbers.get(i));
        }
        List<Picked> left = new ArrayList<>(picked.size());
        for (int i = 0; i < picked.size(); i++) {
            Picked of = picked.get(i);
            left.add(pick(of.batch(), of.rows(), of.count(), numbers.get(i), maxima));
        }
        return left;
    }

    private ColumnBatch gather(List<Picked> picked) {
        RowGather gather = new RowGather(batches.get(0).measurement(), types);
        for (Picked of : picked) {
            if (of.count() > 0) {
                gather.add(of.batch(), of.rows(), of.count());
            }
        }
        return gather.build();
    }

    private Picked pick(ColumnBatch batch, int[] rows, int count, int[] seriesOfRow, Maxima maxima) {
        int[] kept = new int[count];
        int size = 0;
        for (int i = 0; i < count; i++) {
            if (maxima.has(batch, rows[i], seriesOfRow[rows[i]])) {
                kept[size++] = rows[i];
            }
        }
        return new Picked(batch, kept, size);
    }

    private Maxima maxima(int series) {
        return new Maxima(series);
    }

    /** The latest times of some series: of their rows, and of the values of those fields that not every row has. */
    private final class Maxima {

        private final long[] row;
        private final long[] @Nullable [] byField;

        Maxima(int series) {
            row = new long[series];
            Arrays.fill(row, NEVER);
            byField = new long[fields.size()][];
            for (Map.Entry<String, Integer> field : fields.entrySet()) {
                if (isSparse(field.getKey())) {
                    long[] times = new long[series];
                    Arrays.fill(times, NEVER);
                    byField[field.getValue()] = times;
                }
            }
        }

        void see(ColumnBatch batch, int[] rows, int count, int[] seriesOfRow) {
            long[] times = batch.timeMicros();
            for (int i = 0; i < count; i++) {
                int at = rows[i];
                row[seriesOfRow[at]] = Math.max(row[seriesOfRow[at]], times[at]);
            }
            for (FieldColumn field : batch.fields()) {
                long[] latest = byField[number(field)];
                if (latest != null) {
                    for (int i = 0; i < count; i++) {
                        int at = rows[i];
                        if (!field.isNull(at)) {
                            latest[seriesOfRow[at]] = Math.max(latest[seriesOfRow[at]], times[at]);
                        }
                    }
                }
            }
        }

        boolean has(ColumnBatch batch, int at, int series) {
            long time = batch.timeMicros()[at];
            if (time == row[series]) {
                return true;
            }
            for (FieldColumn field : batch.fields()) {
                long[] latest = byField[number(field)];
                if (latest != null && latest[series] == time && !field.isNull(at)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Whether some row lacks that field. */
    private boolean isSparse(String field) {
        return complete.getOrDefault(field, 0) < batches.size();
    }

    private int number(FieldColumn field) {
        Integer number = fields.get(field.name());
        return number == null ? -1 : number;
    }
}
