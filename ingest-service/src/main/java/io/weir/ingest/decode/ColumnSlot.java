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

    private final int keyLength;
    /** The first eight bytes of the name and the {@code =} behind it, and which of them count. */
    private final long head;

    private final long headMask;
    /** The last eight bytes of the name and the {@code =}, when they are more than eight. */
    private final long tail;

    /** Index among the tags or fields of the current batch, or {@link #NONE}. */
    int index = NONE;

    ColumnSlot(String name, ColumnType type, byte[] spelling) {
        this.name = name;
        this.type = type;
        this.spelling = spelling;
        this.keyLength = spelling.length + 1;
        byte[] key = Arrays.copyOf(spelling, Math.max(keyLength, Long.BYTES));
        key[spelling.length] = '=';
        this.headMask = keyLength >= Long.BYTES ? -1L : (1L << (Byte.SIZE * keyLength)) - 1;
        this.head = Words.at(key, 0);
        this.tail = Words.at(key, key.length - Long.BYTES);
    }

    /** Length of the name as spelled and the {@code =} behind it. */
    int keyLength() {
        return keyLength;
    }

    /** Whether the name stands at {@code at}, followed by {@code =}; the buffer has eight bytes more than that. */
    boolean isAt(byte[] buffer, int at) {
        return ((Words.at(buffer, at) ^ head) & headMask) == 0
                && (keyLength <= Long.BYTES
                        || (Words.at(buffer, at + keyLength - Long.BYTES) == tail
                                && (keyLength <= 2 * Long.BYTES || isMiddleAt(buffer, at))));
    }

    private boolean isMiddleAt(byte[] buffer, int at) {
        return Arrays.equals(
                buffer, at + Long.BYTES, at + keyLength - Long.BYTES, spelling, Long.BYTES, keyLength - Long.BYTES);
    }
}
