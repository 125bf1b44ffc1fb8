package io.weir.ingest.decode.arrow;

import io.weir.common.batch.Bits;
import io.weir.common.batch.FieldColumn;
import io.weir.common.schema.ColumnType;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The values of one field, growing by record batches. Rows that no value was appended for are null. */
abstract class FieldSink {

    final String name;
    final LongConsumer memory;
    private int rows;
    private int values;
    private long @Nullable [] validity;

    FieldSink(String name, LongConsumer memory) {
        this.name = name;
        this.memory = memory;
    }

    /** A sink for a field of that type. */
    static FieldSink of(String name, ColumnType type, LongConsumer memory) {
        return switch (type) {
            case INT64, UINT64 -> new LongSink(name, type, memory);
            case FLOAT64 -> new DoubleSink(name, memory);
            case BOOLEAN -> new BooleanSink(name, memory);
            case STRING -> new TextSink(name, memory);
            case TAG -> throw new IllegalArgumentException("a tag is not a field");
        };
    }

    /** Appends the rows of {@code source}, of which some have a value, as rows from {@code first} on. */
    final void append(ArrowArray source, int first) {
        int end = first + source.rows();
        if (validity != null || first > rows || !source.isComplete()) {
            settle(source, first, end);
        }
        write(source, first, rows);
        rows = end;
        values += source.values();
    }

    /** The column of {@code total} rows, or null when none has a value; this sink must not be used afterwards. */
    final @Nullable FieldColumn build(int total) {
        if (values == 0) {
            return null;
        }
        if (values == total) {
            return column(total, rows, null);
        }
        long[] bits = validity == null ? Bits.firstSet(rows, total) : validity;
        int kept = Bits.words(total);
        return column(total, rows, kept == bits.length ? bits : Arrays.copyOf(bits, kept));
    }

    /**
     * Writes the rows of {@code source} from {@code first} on; rows {@code [settled, first)} are null.
     */
    abstract void write(ArrowArray source, int first, int settled);

    /** The column of {@code total} rows, of which those from {@code settled} on are null. */
    abstract FieldColumn column(int total, int settled, long @Nullable [] bits);

    private void settle(ArrowArray source, int first, int end) {
        int needed = Bits.words(end);
        long[] bits = validity;
        if (bits == null) {
            memory.accept(8L * needed);
            bits = Bits.firstSet(rows, end);
        } else if (needed > bits.length) {
            bits = Arrays.copyOf(bits, Capacity.grow(bits.length, needed, Long.BYTES, memory));
        }
        validity = bits;
        boolean complete = source.isComplete();
        for (int row = 0; row < source.rows(); row += Long.SIZE) {
            int count = Math.min(Long.SIZE, source.rows() - row);
            long ones = count == Long.SIZE ? -1L : (1L << count) - 1;
            put(bits, first + row, complete ? ones : source.validBits(row >>> 6), count);
        }
    }

    /** Sets those of the {@code count} bits from {@code at} on that are set in {@code word}, which has no others. */
    static void put(long[] bits, int at, long word, int count) {
        int shift = at & 63;
        bits[at >>> 6] |= word << shift;
        if (shift + count > Long.SIZE) {
            bits[(at >>> 6) + 1] |= word >>> (Long.SIZE - shift);
        }
    }
}
