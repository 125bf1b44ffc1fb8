package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import java.util.Arrays;

/** Builds a {@link DoubleColumn}. */
final class DoubleColumnBuilder extends FieldColumnBuilder {

    private double[] data = {};

    DoubleColumnBuilder(String name, Growth growth) {
        super(name, ColumnType.FLOAT64, growth);
    }

    void set(int row, double value) {
        if (row >= data.length) {
            int capacity = Growth.next(data.length, row + 1);
            growth.add(8L * (capacity - data.length));
            data = Arrays.copyOf(data, capacity);
        }
        settle(row);
        data[row] = value;
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
