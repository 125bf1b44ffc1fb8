package io.weir.query.lastvalue;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesCopier;
import io.weir.common.batch.StringColumn;
import io.weir.common.schema.ColumnType;
import java.util.List;
import java.util.Map;

/** Makes one batch of rows out of several. A field that is a float in any of them is one in the result. */
final class RowGather {

    private final BatchBuilder builder;
    private final Map<String, ColumnType> types;

    RowGather(String measurement, Map<String, ColumnType> types) {
        this.builder = new BatchBuilder(measurement);
        this.types = types;
    }

    /** Adds those rows of a batch. */
    void add(ColumnBatch batch, int[] rows, int count) {
        SeriesCopier copier = new SeriesCopier(batch.series(), builder.series(), builder.series()::tag, bytes -> {});
        List<FieldColumn> fields = batch.fields();
        int[] targets = new int[fields.size()];
        for (int i = 0; i < targets.length; i++) {
            String name = fields.get(i).name();
            targets[i] =
                    builder.field(name, types.getOrDefault(name, fields.get(i).type()));
        }
        int[] series = new int[batch.series().size()];
        short[] nanos = batch.timeNanos();
        for (int i = 0; i < count; i++) {
            int row = rows[i];
            int source = batch.seriesOfRow()[row];
            if (series[source] == 0) {
                series[source] = copier.copy(source) + 1;
            }
            for (int field = 0; field < targets.length; field++) {
                if (!fields.get(field).isNull(row)) {
                    set(targets[field], fields.get(field), row);
                }
            }
            builder.endRow(series[source] - 1, batch.timeMicros()[row], nanos == null ? 0 : nanos[row]);
        }
    }

    ColumnBatch build() {
        return builder.build();
    }

    private void set(int target, FieldColumn column, int row) {
        if (column instanceof DoubleColumn doubles) {
            builder.setDouble(target, doubles.values()[row]);
        } else if (column instanceof LongColumn longs) {
            if (types.get(column.name()) == ColumnType.FLOAT64) {
                builder.setDouble(target, (double) longs.values()[row]);
            } else {
                builder.setLong(target, longs.values()[row]);
            }
        } else if (column instanceof BooleanColumn booleans) {
            builder.setBoolean(target, Bits.get(booleans.bits(), row));
        } else {
            StringColumn strings = (StringColumn) column;
            builder.setString(target, strings.bytes(), strings.start(row), strings.end(row));
        }
    }
}
