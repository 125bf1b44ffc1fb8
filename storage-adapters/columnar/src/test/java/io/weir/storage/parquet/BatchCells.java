package io.weir.storage.parquet;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Rows of batches, to be compared: time, nanoseconds, then cells by column name. */
public final class BatchCells {

    private BatchCells() {}

    static List<Object> row(long micros, int nanos, TreeMap<String, Object> cells) {
        return List.of(micros, nanos, cells);
    }

    public static List<List<Object>> rows(ColumnBatch batch) {
        List<List<Object>> rows = new ArrayList<>();
        for (int i = 0; i < batch.rows(); i++) {
            TreeMap<String, Object> cells = new TreeMap<>();
            for (int tag = 0; tag < batch.series().tagNames().size(); tag++) {
                int code = batch.series().code(tag, batch.seriesOfRow()[i]);
                if (code != SeriesTable.ABSENT) {
                    cells.put(
                            batch.series().tagNames().get(tag),
                            batch.series().dictionary(tag).get(code));
                }
            }
            for (FieldColumn field : batch.fields()) {
                if (!field.isNull(i)) {
                    cells.put(field.name(), value(field, i));
                }
            }
            short[] nanos = batch.timeNanos();
            rows.add(row(batch.timeMicros()[i], nanos == null ? 0 : nanos[i], cells));
        }
        return rows;
    }

    private static Object value(FieldColumn field, int row) {
        if (field instanceof LongColumn column) {
            return column.values()[row];
        }
        if (field instanceof DoubleColumn column) {
            return "bits " + Double.doubleToLongBits(column.values()[row]);
        }
        if (field instanceof BooleanColumn column) {
            return Bits.get(column.bits(), row);
        }
        return ((StringColumn) field).get(row);
    }
}
