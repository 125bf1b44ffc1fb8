package io.weir.ingest.decode;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.schema.ColumnType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One row as plain values: Long, BigInteger (unsigned), Double, Boolean or String by field, time in nanoseconds.
 */
public record DecodedRow(
        String measurement, SortedMap<String, String> tags, SortedMap<String, Object> fields, long timeNanos) {

    /** The rows of all batches by measurement, each in arrival order. */
    public static Map<String, List<DecodedRow>> byMeasurement(List<ColumnBatch> batches) {
        Map<String, List<DecodedRow>> rows = new TreeMap<>();
        for (ColumnBatch batch : batches) {
            rows.computeIfAbsent(batch.measurement(), name -> new ArrayList<>()).addAll(of(batch));
        }
        return rows;
    }

    public static List<DecodedRow> of(ColumnBatch batch) {
        List<DecodedRow> rows = new ArrayList<>();
        short[] nanos = batch.timeNanos();
        for (int row = 0; row < batch.rows(); row++) {
            SortedMap<String, String> tags = new TreeMap<>();
            SeriesTable series = batch.series();
            for (int tag = 0; tag < series.tagNames().size(); tag++) {
                int code = series.code(tag, batch.seriesOfRow()[row]);
                if (code != SeriesTable.ABSENT) {
                    tags.put(series.tagNames().get(tag), series.dictionary(tag).get(code));
                }
            }
            SortedMap<String, Object> fields = new TreeMap<>();
            for (FieldColumn field : batch.fields()) {
                if (!field.isNull(row)) {
                    fields.put(field.name(), value(field, row));
                }
            }
            long time = batch.timeMicros()[row] * 1_000 + (nanos == null ? 0 : nanos[row]);
            rows.add(new DecodedRow(batch.measurement(), tags, fields, time));
        }
        return rows;
    }

    private static Object value(FieldColumn field, int row) {
        if (field instanceof LongColumn column) {
            long value = column.values()[row];
            return column.type() == ColumnType.UINT64 ? new BigInteger(Long.toUnsignedString(value)) : (Object) value;
        } else if (field instanceof DoubleColumn column) {
            return column.values()[row];
        } else if (field instanceof BooleanColumn column) {
            return Bits.get(column.bits(), row);
        }
        return ((StringColumn) field).get(row);
    }
}
