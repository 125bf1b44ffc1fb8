package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import org.jspecify.annotations.Nullable;

/** A {@code FLOAT64} field. */
public final class DoubleColumn extends FieldColumn {

    private final double[] values;

    /** Takes ownership of the arrays. */
    public DoubleColumn(String name, double[] values, long @Nullable [] validity) {
        super(name, ColumnType.FLOAT64, validity);
        this.values = values;
    }

    /** Values by row; not to be modified. */
    public double[] values() {
        return values;
    }

    @Override
    public long sizeBytes() {
        return 8L * values.length + validityBytes();
    }
}
