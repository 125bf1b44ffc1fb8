package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import org.jspecify.annotations.Nullable;

/** An {@code INT64} or {@code UINT64} field; unsigned values are carried by their bits. */
public final class LongColumn extends FieldColumn {

    private final long[] values;

    /** Takes ownership of the arrays. */
    public LongColumn(String name, ColumnType type, long[] values, long @Nullable [] validity) {
        super(name, type, validity);
        if (type != ColumnType.INT64 && type != ColumnType.UINT64) {
            throw new IllegalArgumentException("a LongColumn cannot be " + type);
        }
        this.values = values;
    }

    /** Values by row; not to be modified. */
    public long[] values() {
        return values;
    }

    @Override
    public long sizeBytes() {
        return 8L * values.length + validityBytes();
    }
}
