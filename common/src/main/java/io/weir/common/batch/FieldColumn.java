package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import org.jspecify.annotations.Nullable;

/**
 * The values of one field for every row of a batch. Arrays may be longer than the batch has rows. The value at a row
 * that is null is unspecified (0 in practice). Immutable once shared.
 */
public abstract sealed class FieldColumn permits LongColumn, DoubleColumn, BooleanColumn, StringColumn {

    private final String name;
    private final ColumnType type;
    private final long @Nullable [] validity;

    FieldColumn(String name, ColumnType type, long @Nullable [] validity) {
        this.name = name;
        this.type = type;
        this.validity = validity;
    }

    /** Field name. */
    public final String name() {
        return name;
    }

    /** Field type; never {@link ColumnType#TAG}. */
    public final ColumnType type() {
        return type;
    }

    /** Bit set of the rows that have a value ({@link Bits}), or null when every row has one. */
    public final long @Nullable [] validity() {
        return validity;
    }

    /** Whether that row has no value. */
    public final boolean isNull(int row) {
        return validity != null && !Bits.get(validity, row);
    }

    /** Bytes of heap this column holds. */
    public abstract long sizeBytes();

    final long validityBytes() {
        return 64 + (validity == null ? 0 : 8L * validity.length);
    }
}
