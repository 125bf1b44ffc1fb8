package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import java.util.Arrays;

/** Builds a {@link BooleanColumn}. */
final class BooleanColumnBuilder extends FieldColumnBuilder {

    private long[] bits = {};

    BooleanColumnBuilder(String name, Growth growth, RowCapacity capacity) {
        super(name, ColumnType.BOOLEAN, growth, capacity);
    }

    void set(int row, boolean value) {
        if (row >>> 6 >= bits.length) {
            int words = Bits.words(capacity.atLeast(row + 1));
            growth.add(8L * (words - bits.length));
            bits = Arrays.copyOf(bits, words);
        }
        settle(row);
        if (value) {
            Bits.set(bits, row);
        } else {
            Bits.clear(bits, row);
        }
    }

    @Override
    void cut(int row) {
        Bits.clear(bits, row);
    }

    @Override
    FieldColumn build(int rows) {
        int kept = kept(Bits.words(rows), bits.length);
        return new BooleanColumn(name, kept == bits.length ? bits : Arrays.copyOf(bits, kept), validity(rows));
    }
}
