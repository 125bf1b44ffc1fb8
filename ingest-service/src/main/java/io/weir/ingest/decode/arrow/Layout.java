package io.weir.ingest.decode.arrow;

import io.weir.common.schema.ColumnType;
import org.jspecify.annotations.Nullable;

/** How the values of an Arrow array lie in its buffers, of the arrays that Weir reads. */
enum Layout {
    NULL(0, 0, null),
    BOOLEAN(2, 0, ColumnType.BOOLEAN),
    INT8(2, 1, ColumnType.INT64),
    INT16(2, 2, ColumnType.INT64),
    INT32(2, 4, ColumnType.INT64),
    INT64(2, 8, ColumnType.INT64),
    UINT8(2, 1, ColumnType.UINT64),
    UINT16(2, 2, ColumnType.UINT64),
    UINT32(2, 4, ColumnType.UINT64),
    UINT64(2, 8, ColumnType.UINT64),
    FLOAT16(2, 2, ColumnType.FLOAT64),
    FLOAT32(2, 4, ColumnType.FLOAT64),
    FLOAT64(2, 8, ColumnType.FLOAT64),
    /** 32-bit offsets, then text. */
    UTF8(3, 0, ColumnType.STRING),
    /** 64-bit offsets, then text. */
    LARGE_UTF8(3, 0, ColumnType.STRING),
    /** Views of 16 bytes, then any number of buffers of text. */
    UTF8_VIEW(2, 0, ColumnType.STRING);

    /** Buffers of every such array; views have more. */
    final int buffers;

    /** Bytes of a value when all have the same, else 0. */
    final int width;

    /** What such values are; null when there are none. */
    final @Nullable ColumnType type;

    Layout(int buffers, int width, @Nullable ColumnType type) {
        this.buffers = buffers;
        this.width = width;
        this.type = type;
    }

    boolean isText() {
        return type == ColumnType.STRING;
    }

    /** The layout of integers of that many bits; null when there is none. */
    static @Nullable Layout ofInteger(int bits, boolean signed) {
        return switch (bits) {
            case 8 -> signed ? INT8 : UINT8;
            case 16 -> signed ? INT16 : UINT16;
            case 32 -> signed ? INT32 : UINT32;
            case 64 -> signed ? INT64 : UINT64;
            default -> null;
        };
    }
}
