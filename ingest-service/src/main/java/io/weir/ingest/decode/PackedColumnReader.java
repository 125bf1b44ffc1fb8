package io.weir.ingest.decode;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8DictionaryBuilder;
import io.weir.common.schema.ColumnType;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Turns one surveyed MessagePack array into one column. The survey has made sure of every value's type. */
final class PackedColumnReader {

    private static final int NO_TEXT = -1;

    /** Shorter columns of strings are not worth a dictionary. */
    private static final int FEWEST_CODED_ROWS = 64;

    /** A dictionary of strings has at most this part of its rows as entries. */
    private static final int MOST_TEXTS = 3;

    private final MessagePackCursor cursor;
    private final PackedPlace place;
    private final LongConsumer memory;
    private long @Nullable [] validity;
    private int values;

    PackedColumnReader(MessagePackCursor cursor, PackedPlace place, LongConsumer memory) {
        this.cursor = cursor;
        this.place = place;
        this.memory = memory;
    }

    /**
     * Reads {@code rows} values of a field of that type, whose texts have {@code textBytes} bytes; null when all are nil.
     *
     * @param likeness of the rows of this item, as far as its columns were read
     */
    @Nullable
    FieldColumn field(String name, ColumnType type, int rows, int textBytes, PackedLikeness likeness) {
        validity = null;
        values = 0;
        FieldColumn column = switch (type) {
            case INT64, UINT64 -> {
                long[] data = longs(rows);
                yield new LongColumn(name, type, data, validity);
            }
            case FLOAT64 -> {
                double[] data = doubles(rows);
                yield new DoubleColumn(name, data, validity);
            }
            case BOOLEAN -> {
                long[] bits = booleans(rows);
                yield new BooleanColumn(name, bits, validity);
            }
            case STRING -> strings(name, rows, textBytes, likeness);
            case TAG -> throw new IllegalArgumentException("a tag is not a field");
        };
        return values == 0 ? null : column;
    }

    private long[] longs(int rows) {
        memory.accept(8L * rows);
        long[] data = new long[rows];
        byte[] bytes = cursor.bytes();
        int row = 0;
        while (row < rows) {
            int at = cursor.position();
            if (rows - row >= Long.BYTES && cursor.end() - at >= Long.BYTES) {
                long word = Words.at(bytes, at);
                if (Words.nonAscii(word) == 0) {
                    // Eight small integers.
                    for (int i = 0; i < Long.BYTES; i++) {
                        data[row + i] = word >>> (Byte.SIZE * i) & 0x7f;
                    }
                    row += Long.BYTES;
                    values += Long.BYTES;
                    cursor.seek(at + Long.BYTES);
                    continue;
                }
            }
            if (isValue(row, rows)) {
                data[row] = cursor.readInteger();
            }
            row++;
        }
        return data;
    }

    private double[] doubles(int rows) {
        memory.accept(8L * rows);
        double[] data = new double[rows];
        int row = 0;
        while (row < rows) {
            int run = cursor.readFloats(data, row);
            values += run;
            row += run;
            if (row < rows) {
                if (isValue(row, rows)) {
                    data[row] = number(cursor);
                }
                row++;
            }
        }
        return data;
    }

    /** The number at the cursor as a double. */
    static double number(MessagePackCursor cursor) {
        if (cursor.type() == MessagePackType.FLOAT) {
            return cursor.readFloat();
        }
        long value = cursor.readInteger();
        // Halved with the lost bit kept, so that doubling rounds as the whole would have.
        return cursor.isHuge() ? ((value >>> 1) | (value & 1)) * 2.0 : value;
    }

    private long[] booleans(int rows) {
        memory.accept(8L * Bits.words(rows));
        long[] bits = new long[Bits.words(rows)];
        for (int row = 0; row < rows; row++) {
            if (isValue(row, rows) && cursor.readBoolean()) {
                Bits.set(bits, row);
            }
        }
        return bits;
    }

    private StringColumn strings(String name, int rows, int textBytes, PackedLikeness likeness) {
        StringColumn coded = coded(name, rows, likeness);
        return coded != null ? coded : plainStrings(name, rows, textBytes);
    }

    /** Reads {@code rows} texts by codes; null, and nothing read, when they are few or hardly repeat. */
    @Nullable
    StringColumn coded(String name, int rows, PackedLikeness likeness) {
        int start = cursor.position();
        validity = null;
        values = 0;
        StringColumn coded = rows < FEWEST_CODED_ROWS ? null : codedStrings(name, rows, likeness);
        if (coded == null) {
            cursor.seek(start);
            validity = null;
            values = 0;
        }
        return coded;
    }

    /** The column by codes, or null when its strings hardly repeat. */
    private @Nullable StringColumn codedStrings(String name, int rows, PackedLikeness likeness) {
        likeness.begin(rows);
        Utf8DictionaryBuilder texts = new Utf8DictionaryBuilder(memory);
        memory.accept(4L * rows);
        int[] codes = new int[rows];
        for (int row = 0; row < rows; row++) {
            likeness.at(row, cursor.position());
            if (!isValue(row, rows)) {
                codes[row] = NO_TEXT;
                continue;
            }
            int like = likeness.earlier(row);
            if (like != PackedLikeness.NONE && codes[like] != NO_TEXT && cursor.skipEqual(likeness.text(like))) {
                codes[row] = codes[like];
            } else {
                codes[row] = code(texts, row);
                if (texts.size() > rows / MOST_TEXTS) {
                    memory.accept(-4L * rows - texts.sizeBytes() - (validity == null ? 0 : 8L * validity.length));
                    return null;
                }
            }
        }
        likeness.learn(codes, texts.size(), NO_TEXT);
        for (int row = 0; validity != null && row < rows; row++) {
            codes[row] = Math.max(codes[row], 0);
        }
        return new StringColumn(name, texts.build(), codes, validity);
    }

    private int code(Utf8DictionaryBuilder texts, int row) {
        cursor.readText();
        int known = texts.size();
        int code = texts.intern(cursor.bytes(), cursor.textStart(), cursor.textEnd());
        if (code == known) {
            int invalid = Utf8.firstInvalid(cursor.bytes(), cursor.textStart(), cursor.textEnd());
            if (invalid >= 0) {
                place.row(row);
                throw new MessagePackFault(invalid, "string is not UTF-8");
            }
        }
        return code;
    }

    private StringColumn plainStrings(String name, int rows, int textBytes) {
        int start = cursor.position();
        memory.accept(4L * (rows + 1) + textBytes);
        int[] offsets = new int[rows + 1];
        byte[] text = new byte[textBytes];
        byte[] bytes = cursor.bytes();
        int out = 0;
        for (int row = 0; row < rows; row++) {
            if (isValue(row, rows)) {
                cursor.readText();
                int from = cursor.textStart();
                int size = cursor.textEnd() - from;
                if (size <= Long.BYTES && from + Long.BYTES <= bytes.length && out + Long.BYTES <= textBytes) {
                    // What is too much, the next text overwrites.
                    Words.copy(bytes, from, text, out);
                } else {
                    System.arraycopy(bytes, from, text, out, size);
                }
                out += size;
            }
            offsets[row + 1] = out;
        }
        if (Words.firstNonAscii(text, 0, out) < out) {
            requireUtf8(start, rows);
        }
        return new StringColumn(name, offsets, text, validity);
    }

    private void requireUtf8(int start, int rows) {
        int end = cursor.position();
        cursor.seek(start);
        for (int row = 0; row < rows; row++) {
            if (!cursor.skipNil()) {
                cursor.readText();
                int invalid = Utf8.firstInvalid(cursor.bytes(), cursor.textStart(), cursor.textEnd());
                if (invalid >= 0) {
                    place.row(row);
                    throw new MessagePackFault(invalid, "string is not UTF-8");
                }
            }
        }
        cursor.seek(end);
    }

    private boolean isValue(int row, int rows) {
        if (!cursor.skipNil()) {
            values++;
            return true;
        }
        if (validity == null) {
            memory.accept(8L * Bits.words(rows));
            validity = Bits.firstSet(rows, rows);
        }
        Bits.clear(validity, row);
        return false;
    }
}
