package io.weir.ingest.decode;

import io.weir.common.schema.ColumnType;
import org.jspecify.annotations.Nullable;

/** One column of a CSV file: its type, from the schema or from what all its values are, and its place in the batch. */
final class CsvColumn {

    private static final int INTEGER = 1;
    private static final int FLOAT = 2;
    private static final int BOOLEAN = 4;
    private static final int TEXT = 8;

    final String name;
    private @Nullable ColumnType type;
    private int seen;
    /** Index in the batch being built, or -1. */
    int index = -1;

    CsvColumn(String name, @Nullable ColumnType type) {
        this.name = name;
        this.type = type;
    }

    /** Whether values are still to be looked at to know the type. */
    boolean isOpen() {
        return type == null;
    }

    /** Takes note of a value, which is not empty. */
    void see(byte[] buffer, int from, int to, NumberReader numbers) {
        if ((seen & TEXT) == 0) {
            seen |= classOf(buffer, from, to, numbers);
        }
    }

    private static int classOf(byte[] buffer, int from, int to, NumberReader numbers) {
        byte first = buffer[from];
        if ((first >= '0' && first <= '9') || first == '-' || first == '.') {
            try {
                if (numbers.timestamp(buffer, from) == to) {
                    return INTEGER;
                }
            } catch (LineFault beyondInt64) {
                return isFloat(buffer, from, to, numbers) ? FLOAT : TEXT;
            }
            return isFloat(buffer, from, to, numbers) ? FLOAT : TEXT;
        }
        return isWord(buffer, from, to, "true") || isWord(buffer, from, to, "false") ? BOOLEAN : TEXT;
    }

    private static boolean isFloat(byte[] buffer, int from, int to, NumberReader numbers) {
        try {
            return numbers.field(buffer, from) == to && numbers.type() == ColumnType.FLOAT64;
        } catch (LineFault noNumber) {
            return false;
        }
    }

    /** Whether {@code buffer[from, to)} is that lower-case word in any case. */
    static boolean isWord(byte[] buffer, int from, int to, String word) {
        if (to - from != word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if ((buffer[from + i] | 0x20) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The type: the schema's, else the narrowest that all values seen are of. */
    ColumnType type() {
        ColumnType known = type;
        if (known != null) {
            return known;
        }
        return switch (seen) {
            case INTEGER -> ColumnType.INT64;
            case FLOAT, FLOAT | INTEGER -> ColumnType.FLOAT64;
            case BOOLEAN -> ColumnType.BOOLEAN;
            default -> ColumnType.STRING;
        };
    }
}
