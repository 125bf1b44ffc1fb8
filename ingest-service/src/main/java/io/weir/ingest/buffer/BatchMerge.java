package io.weir.ingest.buffer;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import java.util.Arrays;
import java.util.List;

/**
 * Makes one batch of several small ones: the same rows in the same order, without the objects and arrays that every batch
 * costs. The batches given stay as they are, for whoever still reads them.
 */
final class BatchMerge {

    private final BatchBuilder builder;

    private BatchMerge(String measurement) {
        this.builder = new BatchBuilder(measurement);
    }

    /** Whether a batch is about as long after merging: strings kept by codes would be written out, once a row. */
    static boolean isFit(ColumnBatch batch) {
        for (FieldColumn field : batch.fields()) {
            if (field instanceof StringColumn strings && strings.codes() != null) {
                return false;
            }
        }
        return true;
    }

    /** @param batches at least one batch of one measurement, whose columns have the same types in each */
    static ColumnBatch of(List<ColumnBatch> batches) {
        BatchMerge merge = new BatchMerge(batches.get(0).measurement());
        for (ColumnBatch batch : batches) {
            merge.add(batch);
        }
        return merge.builder.build();
    }

    private void add(ColumnBatch batch) {
        int[] tags = new int[batch.series().tagNames().size()];
        for (int tag = 0; tag < tags.length; tag++) {
            tags[tag] = builder.series().tag(batch.series().tagNames().get(tag));
        }
        int[] fields = new int[batch.fields().size()];
        for (int field = 0; field < fields.length; field++) {
            FieldColumn column = batch.fields().get(field);
            fields[field] = builder.field(column.name(), column.type());
        }
        int[] numbers = new int[batch.series().size()];
        Arrays.fill(numbers, -1);
        short[] nanos = batch.timeNanos();
        for (int row = 0; row < batch.rows(); row++) {
            int series = batch.seriesOfRow()[row];
            if (numbers[series] < 0) {
                numbers[series] = intern(batch.series(), series, tags);
            }
            for (int field = 0; field < fields.length; field++) {
                set(fields[field], batch.fields().get(field), row);
            }
            builder.endRow(numbers[series], batch.timeMicros()[row], nanos == null ? 0 : nanos[row]);
        }
    }

    /** Stages the tags of that series in the current row of the builder. */
    private int intern(SeriesTable table, int series, int[] tags) {
        SeriesTableBuilder into = builder.series();
        for (int tag = 0; tag < tags.length; tag++) {
            int code = table.code(tag, series);
            if (code != SeriesTable.ABSENT) {
                Utf8Dictionary values = table.dictionary(tag);
                into.stage(tags[tag], into.code(tags[tag], values.bytes(), values.start(code), values.end(code)));
            }
        }
        return into.intern();
    }

    private void set(int field, FieldColumn column, int row) {
        if (column.isNull(row)) {
            return;
        }
        if (column instanceof DoubleColumn doubles) {
            builder.setDouble(field, doubles.values()[row]);
        } else if (column instanceof LongColumn longs) {
            builder.setLong(field, longs.values()[row]);
        } else if (column instanceof BooleanColumn booleans) {
            builder.setBoolean(field, Bits.get(booleans.bits(), row));
        } else {
            StringColumn strings = (StringColumn) column;
            builder.setString(field, strings.bytes(), strings.start(row), strings.end(row));
        }
    }
}
