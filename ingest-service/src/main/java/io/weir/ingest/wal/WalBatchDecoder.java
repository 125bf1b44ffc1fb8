package io.weir.ingest.wal;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.model.DatabaseId;
import io.weir.common.schema.ColumnType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link WalBatchEncoder} wrote, and trusts none of it: every length, offset and code is checked, so that a
 * batch that decodes can be used without further care. Names are taken as they are; whoever replays checks them again.
 */
final class WalBatchDecoder {

    private final WalCursor in;

    private WalBatchDecoder(WalCursor in) {
        this.in = in;
    }

    /** The append without a key in the frame body {@code bytes[from, to)}. */
    static WalAppend decode(byte[] bytes, int from, int to, int batches) throws WalFormatException {
        return decode(bytes, from, to, batches, FrameFormat.KIND_APPEND);
    }

    /**
     * The append in the frame body {@code bytes[from, to)}, which the frame header says is of that kind and has {@code
     * batches} batches.
     */
    static WalAppend decode(byte[] bytes, int from, int to, int batches, int kind) throws WalFormatException {
        WalCursor in = new WalCursor(bytes, from, to);
        DatabaseId database = new DatabaseId(in.name("organisation"), in.name("database"));
        WriteKey key = kind == FrameFormat.KIND_KEYED_APPEND ? WriteKeyCodec.read(in) : null;
        WalBatchDecoder decoder = new WalBatchDecoder(in);
        List<ColumnBatch> decoded = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            decoded.add(decoder.batch());
        }
        if (in.remaining() != 0) {
            throw new WalFormatException("the last batch is followed by " + in.remaining() + " unknown bytes");
        }
        return new WalAppend(database, decoded, WalAck.SYNCED, key);
    }

    private ColumnBatch batch() throws WalFormatException {
        int limit = in.enter(in.int32("batch length"), "batch");
        int version = in.int8("batch version");
        if (version < WalBatchEncoder.PLAIN_VERSION || version > WalBatchEncoder.VERSION) {
            throw new WalFormatException("batch version " + version + " (expected: " + WalBatchEncoder.PLAIN_VERSION
                    + " to " + WalBatchEncoder.VERSION + ")");
        }
        int flags = in.int8("batch flags");
        if ((flags & ~WalBatchEncoder.FLAG_NANOS) != 0) {
            throw new WalFormatException("batch flags " + flags + " are unknown");
        }
        int rows = in.int32("rows");
        int seriesCount = in.int32("series");
        int tags = in.int32("tags");
        int fields = in.int32("fields");
        String measurement = in.name("measurement");
        if (rows == 0 || seriesCount == 0) {
            throw new WalFormatException("a batch without rows or without series");
        }
        long[] timeMicros = in.packed(rows, "time");
        short[] timeNanos = flags == 0 ? null : nanos(rows);
        int[] seriesOfRow = in.packedInts(rows, 0, seriesCount - 1, "series of a row");
        Set<String> names = new HashSet<>();
        SeriesTable series = series(seriesCount, tags, names);
        List<FieldColumn> columns = new ArrayList<>();
        for (int i = 0; i < fields; i++) {
            columns.add(field(rows, version, names));
        }
        in.leave(limit, "the last field");
        return new ColumnBatch(measurement, rows, timeMicros, timeNanos, series, seriesOfRow, columns);
    }

    private short[] nanos(int rows) throws WalFormatException {
        int[] values = in.packedInts(rows, 0, 999, "nanoseconds");
        short[] nanos = new short[rows];
        for (int i = 0; i < rows; i++) {
            nanos[i] = (short) values[i];
        }
        return nanos;
    }

    private SeriesTable series(int size, int tags, Set<String> names) throws WalFormatException {
        List<String> tagNames = new ArrayList<>();
        List<int[]> codes = new ArrayList<>();
        List<Utf8Dictionary> dictionaries = new ArrayList<>();
        for (int tag = 0; tag < tags; tag++) {
            String name = columnName(names);
            int entries = in.int32(name);
            dictionaries.add(texts(entries, name));
            int[] shifted = in.packedInts(size, 0, entries, name);
            for (int i = 0; i < size; i++) {
                shifted[i] += SeriesTable.ABSENT;
            }
            tagNames.add(name);
            codes.add(shifted);
        }
        return new SeriesTable(
                size, tagNames, codes.toArray(new int[0][]), dictionaries.toArray(new Utf8Dictionary[0]));
    }

    private FieldColumn field(int rows, int version, Set<String> names) throws WalFormatException {
        String name = columnName(names);
        int code = in.int8(name);
        int flags = in.int8(name);
        ColumnType type = type(code, name);
        boolean mayBeCoded = type == ColumnType.STRING && version > WalBatchEncoder.PLAIN_VERSION;
        int known = WalBatchEncoder.FLAG_VALIDITY | (mayBeCoded ? WalBatchEncoder.FLAG_CODED : 0);
        if ((flags & ~known) != 0) {
            throw new WalFormatException("flags " + flags + " of " + name + " are unknown");
        }
        long[] validity = (flags & WalBatchEncoder.FLAG_VALIDITY) == 0 ? null : in.bits(rows, name);
        int present = validity == null ? rows : Bits.cardinality(validity, rows);
        return switch (type) {
            case INT64, UINT64 ->
                new LongColumn(name, type, spread(in.packed(present, name), validity, rows), validity);
            case FLOAT64 -> new DoubleColumn(name, spread(in.doubles(present, name), validity, rows), validity);
            case BOOLEAN -> new BooleanColumn(name, in.bits(rows, name), validity);
            case STRING -> strings(name, rows, (flags & WalBatchEncoder.FLAG_CODED) != 0, validity);
            case TAG -> throw new WalFormatException(name + " is a tag among the fields");
        };
    }

    private StringColumn strings(String name, int rows, boolean coded, long @Nullable [] validity)
            throws WalFormatException {
        if (coded) {
            int entries = in.int32(name);
            Utf8Dictionary texts = texts(entries, name);
            return new StringColumn(name, texts, in.packedInts(rows, 0, entries - 1, name), validity);
        }
        int length = in.int32(name);
        int[] offsets = offsets(rows, length, name);
        return new StringColumn(name, offsets, in.bytes(length, name), validity);
    }

    private Utf8Dictionary texts(int entries, String name) throws WalFormatException {
        int length = in.int32(name);
        int[] offsets = offsets(entries, length, name);
        return new Utf8Dictionary(entries, offsets, in.bytes(length, name));
    }

    private static ColumnType type(int code, String name) throws WalFormatException {
        for (ColumnType type : ColumnType.values()) {
            if (type.code() == code) {
                return type;
            }
        }
        throw new WalFormatException("column type code " + code + " of " + name + " is unknown");
    }

    private String columnName(Set<String> names) throws WalFormatException {
        String name = in.name("column name");
        if (!names.add(name)) {
            throw new WalFormatException("two columns are named " + name);
        }
        return name;
    }

    /** Offsets of {@code count} strings from their packed lengths, which must add up to {@code total}. */
    private int[] offsets(int count, int total, String name) throws WalFormatException {
        int[] lengths = in.packedInts(count, 0, total, name);
        int[] offsets = new int[count + 1];
        for (int i = 0; i < count; i++) {
            offsets[i + 1] = offsets[i] + lengths[i];
            if (offsets[i + 1] < 0 || offsets[i + 1] > total) {
                break;
            }
        }
        if (offsets[count] != total) {
            throw new WalFormatException("the strings of " + name + " do not add up to " + total + " bytes");
        }
        return offsets;
    }

    private static long[] spread(long[] present, long @Nullable [] validity, int rows) {
        if (validity == null) {
            return present;
        }
        long[] values = new long[rows];
        for (int row = 0, next = 0; row < rows; row++) {
            if (Bits.get(validity, row)) {
                values[row] = present[next++];
            }
        }
        return values;
    }

    private static double[] spread(double[] present, long @Nullable [] validity, int rows) {
        if (validity == null) {
            return present;
        }
        double[] values = new double[rows];
        for (int row = 0, next = 0; row < rows; row++) {
            if (Bits.get(validity, row)) {
                values[row] = present[next++];
            }
        }
        return values;
    }
}
