package io.weir.query.lastvalue;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.StringColumn;

/** Values of batches as objects. */
final class BatchValues {

    private BatchValues() {}

    static Object of(FieldColumn field, int row) {
        if (field instanceof DoubleColumn doubles) {
            return doubles.values()[row];
        }
        if (field instanceof LongColumn longs) {
            return longs.values()[row];
        }
        return field instanceof BooleanColumn booleans
                ? Bits.get(booleans.bits(), row)
                : ((StringColumn) field).get(row);
    }
}
