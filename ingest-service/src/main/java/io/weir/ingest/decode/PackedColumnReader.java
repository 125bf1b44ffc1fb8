package io.weir.ingest.decode;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.batch.StringColumn;
import io.weir.common.schema.ColumnType;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Turns one surveyed MessagePack array into one column. The survey has made sure of every value's type. */
final class PackedColumnReader {

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

    /** Reads {@code rows} values of a field of that type; null when all are nil. */
    @Nullable
    FieldColumn field(String name, ColumnType type, int rows) {
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
            case STRING -> strings(name, rows);
            case TAG -> throw new IllegalArgumentException("a tag is not a field");
        };
        return values == 0 ? null : column;
    }

    /** Reads {@code rows} values of a tag into codes of {@code series}; nil and the empty string are no value. */
    int[] tag(SeriesTableBuilder series, int tag, int rows) {
        memory.accept(4L * rows);
        int[] codes = new int[rows];
        byte[] bytes = cursor.bytes();
        int previousStart = 0;
        int previousEnd = 0;
        int code = SeriesTable.ABSENT;
        for (int row = 0; row < rows; row++) {
            if (cursor.skipNil()) {
                codes[row] = SeriesTable.ABSENT;
                continue;
            }
            cursor.readText();
            int start = cursor.textStart();
            int end = cursor.textEnd();
            if (!Arrays.equals(bytes, start, end, bytes, previousStart, previousEnd)) {
                code = start == end ? SeriesTable.ABSENT : code(series, tag, row);
                previousStart = start;
                previousEnd = end;
            }
            codes[row] = code;
        }
        return codes;
    }

    private int code(SeriesTableBuilder series, int tag, int row) {
        requireUtf8(row);
        return series.code(tag, cursor.bytes(), cursor.textStart(), cursor.textEnd());
    }

    private long[] longs(int rows) {
        memory.accept(8L * rows);
        long[] data = new long[rows];
        for (int row = 0; row < rows; row++) {
            if (isValue(row, rows)) {
                data[row] = cursor.readInteger();
            }
        }
        return data;
    }

    private double[] doubles(int rows) {
        memory.accept(8L * rows);
        double[] data = new double[rows];
        for (int row = 0; row < rows; row++) {
            if (isValue(row, rows)) {
                data[row] = number(cursor);
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

    private StringColumn strings(String name, int rows) {
        int start = cursor.position();
        int length = 0;
        for (int row = 0; row < rows; row++) {
            if (!cursor.skipNil()) {
                cursor.readText();
                length += cursor.textEnd() - cursor.textStart();
            }
        }
        cursor.seek(start);
        memory.accept(4L * (rows + 1) + length);
        int[] offsets = new int[rows + 1];
        byte[] text = new byte[length];
        for (int row = 0; row < rows; row++) {
            offsets[row + 1] = offsets[row];
            if (isValue(row, rows)) {
                cursor.readText();
                requireUtf8(row);
                int size = cursor.textEnd() - cursor.textStart();
                System.arraycopy(cursor.bytes(), cursor.textStart(), text, offsets[row], size);
                offsets[row + 1] += size;
            }
        }
        return new StringColumn(name, offsets, text, validity);
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

    private void requireUtf8(int row) {
        int invalid = Utf8.firstInvalid(cursor.bytes(), cursor.textStart(), cursor.textEnd());
        if (invalid >= 0) {
            place.row(row);
            throw new MessagePackFault(invalid, "string is not UTF-8");
        }
    }
}
