package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import java.util.Arrays;

/** Builds a {@link DoubleColumn}. */
final class DoubleColumnBuilder extends FieldColumnBuilder {

    private double[] data = {};

    DoubleColumnBuilder(String name, Growth growth, RowCapacity capacity) {
        super(name, ColumnType.FLOAT64, growth, capacity);
    }

    void set(int row, double value) {
        if (row >= data.length) {
            grow(row);
        }
        settle(row);
        data[row] = value;
    }

    private void grow(int row) {
        int length = capacity.atLeast(row + 1);
        growth.add(8L * (length - data.length));
        data = Arrays.copyOf(data, length);
    }

    @Override
    void cut(int row) {
        data[row] = 0;
    }

    @Override
    FieldColumn build(int rows) {
        int kept = kept(rows, data.length);
        return new DoubleColumn(name, kept == data.length ? data : Arrays.copyOf(data, kept), validity(rows));
    }
}
