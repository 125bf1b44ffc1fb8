package io.weir.ingest.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import java.util.Arrays;

/** Compares batches cell by cell, down to the bits of doubles. */
final class BatchAssert {

    private BatchAssert() {}

    static void assertSame(ColumnBatch actual, ColumnBatch expected) {
        int rows = expected.rows();
        assertThat(actual.measurement()).isEqualTo(expected.measurement());
        assertThat(actual.rows()).isEqualTo(rows);
        assertThat(actual.columns()).isEqualTo(expected.columns());
        assertThat(Arrays.copyOf(actual.timeMicros(), rows)).isEqualTo(Arrays.copyOf(expected.timeMicros(), rows));
        short[] nanos = expected.timeNanos();
        short[] actualNanos = actual.timeNanos();
        assertThat(actualNanos == null).isEqualTo(nanos == null);
        if (nanos != null && actualNanos != null) {
            assertThat(Arrays.copyOf(actualNanos, rows)).isEqualTo(Arrays.copyOf(nanos, rows));
        }
        assertThat(Arrays.copyOf(actual.seriesOfRow(), rows)).isEqualTo(Arrays.copyOf(expected.seriesOfRow(), rows));
        assertThat(actual.series().size()).isEqualTo(expected.series().size());
        for (int tag = 0; tag < expected.series().tagNames().size(); tag++) {
            for (int i = 0; i < expected.series().size(); i++) {
                assertThat(actual.series().code(tag, i))
                        .isEqualTo(expected.series().code(tag, i));
            }
            Utf8Dictionary dictionary = expected.series().dictionary(tag);
            assertThat(actual.series().dictionary(tag).size()).isEqualTo(dictionary.size());
            for (int code = 0; code < dictionary.size(); code++) {
                assertThat(actual.series().dictionary(tag).get(code)).isEqualTo(dictionary.get(code));
            }
        }
        for (int i = 0; i < expected.fields().size(); i++) {
            assertSame(actual.fields().get(i), expected.fields().get(i), rows);
        }
    }

    private static void assertSame(FieldColumn actual, FieldColumn expected, int rows) {
        assertThat(actual.validity() == null).isEqualTo(expected.validity() == null);
        for (int row = 0; row < rows; row++) {
            assertThat(actual.isNull(row)).isEqualTo(expected.isNull(row));
            if (!expected.isNull(row)) {
                assertThat(value(actual, row))
                        .as("%s row %d", expected.name(), row)
                        .isEqualTo(value(expected, row));
            }
        }
    }

    private static Object value(FieldColumn column, int row) {
        if (column instanceof LongColumn longs) {
            return longs.values()[row];
        }
        if (column instanceof DoubleColumn doubles) {
            return Double.doubleToRawLongBits(doubles.values()[row]);
        }
        if (column instanceof BooleanColumn booleans) {
            return Bits.get(booleans.bits(), row);
        }
        return ((StringColumn) column).get(row);
    }
}
