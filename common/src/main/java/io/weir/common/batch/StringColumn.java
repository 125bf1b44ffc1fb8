package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A {@code STRING} field: the UTF-8 of all rows in one array, cut by offsets. A null row is empty. */
public final class StringColumn extends FieldColumn {

    private final int[] offsets;
    private final byte[] bytes;

    /** Takes ownership of the arrays; {@code offsets} has at least one more entry than the batch has rows. */
    public StringColumn(String name, int[] offsets, byte[] bytes, long @Nullable [] validity) {
        super(name, ColumnType.STRING, validity);
        this.offsets = offsets;
        this.bytes = bytes;
    }

    /** Row {@code r} is {@code bytes[offsets[r], offsets[r+1])}; not to be modified. */
    public int[] offsets() {
        return offsets;
    }

    /** UTF-8 of all rows; not to be modified. */
    public byte[] bytes() {
        return bytes;
    }

    /** That row as a string. For messages and tests, not for the hot path. */
    public String get(int row) {
        return new String(bytes, offsets[row], offsets[row + 1] - offsets[row], StandardCharsets.UTF_8);
    }

    @Override
    public long sizeBytes() {
        return bytes.length + 4L * offsets.length + validityBytes();
    }
}
