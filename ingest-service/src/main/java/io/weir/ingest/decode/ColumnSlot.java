package io.weir.ingest.decode;

import io.weir.common.schema.ColumnType;
import java.util.Arrays;

/** One tag or field of a measurement as one request knows it. */
final class ColumnSlot {

    /** Index of a column that the current batch does not have yet. */
    static final int NONE = -1;

    final String name;
    final ColumnType type;
    /** The name as this request spells it, escapes included. */
    private final byte[] spelling;
    /** Index among the tags or fields of the current batch, or {@link #NONE}. */
    int index = NONE;

    ColumnSlot(String name, ColumnType type, byte[] spelling) {
        this.name = name;
        this.type = type;
        this.spelling = spelling;
    }

    /** Length of the name as spelled. */
    int length() {
        return spelling.length;
    }

    /** Whether the name stands at {@code at}, followed by {@code =}. Reads no further than the first difference. */
    boolean isAt(byte[] buffer, int at) {
        int end = at + spelling.length;
        return end < buffer.length
                && buffer[end] == '='
                && Arrays.equals(buffer, at, end, spelling, 0, spelling.length);
    }
}
