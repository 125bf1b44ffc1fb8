package io.weir.ingest.mqtt;

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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Joins the small batches of many messages to one a measurement: a batch of one row costs the log, the buffers and every
 * query as much as one of a thousand. Large ones stay as they are. Not thread-safe.
 */
final class JoinedRows {

    /** From that many rows on copying them costs more than another batch. */
    static final int LARGE = 256;

    private final LongConsumer memory;
    private final Map<String, BatchBuilder> builders = new LinkedHashMap<>();
    private final List<ColumnBatch> large = new ArrayList<>();

    /** @param memory hears of bytes before they are taken; what it throws passes through, and this must then be dropped */
    JoinedRows(LongConsumer memory) {
        this.memory = memory;
    }

    /** Adds the rows of a batch, whose columns have the types they have in those before. */
    void add(ColumnBatch batch) {
        if (batch.rows() >= LARGE) {
            memory.accept(batch.sizeBytes());
            large.add(batch);
            return;
        }
        BatchBuilder builder =
                builders.computeIfAbsent(batch.measurement(), measurement -> new BatchBuilder(measurement, memory));
        for (int row = 0; row < batch.rows(); row++) {
            add(builder, batch, row);
        }
    }

    private static void add(BatchBuilder builder, ColumnBatch batch, int row) {
        SeriesTable table = batch.series();
        SeriesTableBuilder series = builder.series();
        for (int tag = 0; tag < table.tagNames().size(); tag++) {
            int code = table.code(tag, batch.seriesOfRow()[row]);
            if (code != SeriesTable.ABSENT) {
                Utf8Dictionary values = table.dictionary(tag);
                int target = series.tag(table.tagNames().get(tag));
                series.stage(target, series.code(target, values.bytes(), values.start(code), values.end(code)));
            }
        }
        for (FieldColumn column : batch.fields()) {
            if (!column.isNull(row)) {
                set(builder, column, row);
            }
        }
        short[] nanos = batch.timeNanos();
        builder.endRow(series.intern(), batch.timeMicros()[row], nanos == null ? 0 : nanos[row]);
    }

    private static void set(BatchBuilder builder, FieldColumn column, int row) {
        int field = builder.field(column.name(), column.type());
        if (column instanceof LongColumn longs) {
            builder.setLong(field, longs.values()[row]);
        } else if (column instanceof DoubleColumn doubles) {
            builder.setDouble(field, doubles.values()[row]);
        } else if (column instanceof BooleanColumn booleans) {
            builder.setBoolean(field, Bits.get(booleans.bits(), row));
        } else if (column instanceof StringColumn strings) {
            builder.setString(field, strings.bytes(), strings.start(row), strings.end(row));
        }
    }

    /** The batches of all rows. */
    List<ColumnBatch> finish() {
        List<ColumnBatch> batches = new ArrayList<>(large);
        for (BatchBuilder builder : builders.values()) {
            batches.add(builder.build());
        }
        return batches;
    }
}
