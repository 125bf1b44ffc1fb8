package io.weir.query.lastvalue;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.duckdb.ResultCursor;
import io.weir.storage.duckdb.ResultReader;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/** Turns a result that has all columns of a measurement, in their order, back into column batches. */
final class ArrowRows implements ResultReader<ColumnBatch> {

    private static final int BATCH_ROWS = 1 << 14;

    private final String measurement;
    private final MeasurementSchema schema;
    private final int firstColumn;

    ArrowRows(String measurement, MeasurementSchema schema) {
        this.measurement = measurement;
        this.schema = schema;
        this.firstColumn = schema.hasNanos() ? 2 : 1;
    }

    @Override
    public @Nullable ColumnBatch read(ResultCursor cursor) throws IOException {
        BatchBuilder builder = new BatchBuilder(measurement);
        while (builder.rows() < BATCH_ROWS && cursor.advance()) {
            append(builder, cursor.batch());
        }
        return builder.rows() == 0 ? null : builder.build();
    }

    private void append(BatchBuilder builder, VectorSchemaRoot from) {
        List<FieldVector> vectors = from.getFieldVectors();
        TimeStampVector times = (TimeStampVector) vectors.get(0);
        SmallIntVector nanos = schema.hasNanos() ? (SmallIntVector) vectors.get(1) : null;
        List<Column> columns = schema.columns();
        SeriesTableBuilder series = builder.series();
        for (int row = 0; row < from.getRowCount(); row++) {
            for (int i = 0; i < columns.size(); i++) {
                FieldVector vector = vectors.get(firstColumn + i);
                if (!vector.isNull(row)) {
                    Column column = columns.get(i);
                    if (column.type() == ColumnType.TAG) {
                        byte[] value = ((VarCharVector) vector).get(row);
                        int tag = series.tag(column.name());
                        series.stage(tag, series.code(tag, value, 0, value.length));
                    } else {
                        set(builder, builder.field(column.name(), column.type()), vector, row);
                    }
                }
            }
            int extra = nanos == null || nanos.isNull(row) ? 0 : nanos.get(row);
            builder.endRow(series.intern(), times.get(row), extra);
        }
    }

    private static void set(BatchBuilder builder, int field, FieldVector vector, int row) {
        if (vector instanceof Float8Vector doubles) {
            builder.setDouble(field, doubles.get(row));
        } else if (vector instanceof BigIntVector longs) {
            builder.setLong(field, longs.get(row));
        } else if (vector instanceof UInt8Vector unsigned) {
            builder.setLong(field, unsigned.get(row));
        } else if (vector instanceof BitVector bits) {
            builder.setBoolean(field, bits.get(row) != 0);
        } else {
            byte[] text = ((VarCharVector) vector).get(row);
            builder.setString(field, text, 0, text.length);
        }
    }
}
