package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import org.jspecify.annotations.Nullable;

/** A {@code BOOLEAN} field. */
public final class BooleanColumn extends FieldColumn {

    private final long[] bits;

    /** Takes ownership of the arrays; {@code bits} holds the values as a bit set ({@link Bits}). */
    public BooleanColumn(String name, long[] bits, long @Nullable [] validity) {
        super(name, ColumnType.BOOLEAN, validity);
        this.bits = bits;
    }

    /** Values by row as a bit set; not to be modified. */
    public long[] bits() {
        return bits;
    }

    @Override
    public long sizeBytes() {
        return 8L * bits.length + validityBytes();
    }
}
