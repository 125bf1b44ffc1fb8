package io.weir.storage.parquet;

import io.weir.common.batch.Bits;
import java.io.IOException;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;

/** Which rows of a page have a value: its definition levels. Rows come in order, or all at once with {@link #allPresent}. */
final class Presence {

    private static final int SLAB = 1024;

    /** Rows without a value. */
    private final long[] absent;

    private int rows;
    private int nulls;

    Presence(int capacity) {
        this.absent = new long[Bits.words(capacity)];
    }

    /** Starts a page. */
    void clear() {
        if (nulls > 0) {
            Arrays.fill(absent, 0, Bits.words(rows), 0);
        }
        rows = 0;
        nulls = 0;
    }

    /** The next row has a value. */
    void present() {
        rows++;
    }

    /** The next {@code count} rows have a value. */
    void present(int count) {
        rows += count;
    }

    /** The next {@code count} rows have none. */
    void absent(int count) {
        for (int i = 0; i < count; i++) {
            Bits.set(absent, rows + i);
        }
        rows += count;
        nulls += count;
    }

    /** Starts a page of which every row has a value. */
    void allPresent(int count) {
        clear();
        present(count);
    }

    /** Takes the value of a row that has one. */
    void removeAt(int row) {
        Bits.set(absent, row);
        nulls++;
    }

    /** Moves the numbers of rows with a value to the front, in order. */
    void compact(long[] numbers) {
        int kept = 0;
        for (int row = 0; nulls > 0 && row < rows; row++) {
            if (!Bits.get(absent, row)) {
                numbers[kept++] = numbers[row];
            }
        }
    }

    int rows() {
        return rows;
    }

    int values() {
        return rows - nulls;
    }

    int nulls() {
        return nulls;
    }

    /** Definition levels 0 and 1 in the RLE hybrid encoding without a length, as version 2 pages want them. */
    BytesInput levels() throws IOException {
        if (nulls == 0 || nulls == rows) {
            BytesInput run = BytesInput.fromUnsignedVarInt(rows << 1);
            return BytesInput.concat(run, BytesInput.from(new byte[] {(byte) (nulls == 0 ? 1 : 0)}));
        }
        RunLengthBitPackingHybridEncoder encoder = new RunLengthBitPackingHybridEncoder(
                1, SLAB, Math.max(SLAB, rows), HeapByteBufferAllocator.getInstance());
        for (int row = 0; row < rows; row++) {
            encoder.writeInt(Bits.get(absent, row) ? 0 : 1);
        }
        return encoder.toBytes();
    }
}
