package io.weir.storage.parquet.merging;

import io.weir.common.batch.Bits;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one column in one row group, one after the other. A page covers rows {@code [from, to)} of the row group;
 * some of them have a value. Not thread-safe.
 */
final class ChunkPages {

    private final String column;
    private final PageReader pages;
    private final int rows;
    private final int[] levels;
    private long @Nullable [] validity;
    private int from;
    private int to;
    private int nulls;
    private Encoding encoding = Encoding.PLAIN;
    private BitReader data = new BitReader(new byte[0], 0, 0);

    /** @param levels scratch of at least {@code rows} numbers */
    ChunkPages(String column, PageReader pages, int rows, int[] levels) {
        this.column = column;
        this.pages = pages;
        this.rows = rows;
        this.levels = levels;
    }

    /** The dictionary's bytes; null when there is none. */
    @Nullable
    DictionaryPage dictionary() {
        return pages.readDictionaryPage();
    }

    static BitReader reader(BytesInput bytes) throws IOException {
        ByteBuffer buffer = bytes.toByteBuffer(HeapByteBufferAllocator.getInstance(), released -> {});
        if (buffer.hasArray()) {
            int start = buffer.arrayOffset() + buffer.position();
            return new BitReader(buffer.array(), start, start + buffer.remaining());
        }
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(copy);
        return new BitReader(copy, 0, copy.length);
    }

    /** Moves to the next page; false when all rows were covered. */
    boolean next() throws IOException {
        if (to == rows) {
            return false;
        }
        DataPage page = pages.readPage();
        if (!(page instanceof DataPageV2 second)) {
            throw new IllegalArgumentException("column \"" + column + "\" has "
                    + (page == null ? "too few pages" : "pages of version 1") + " (expected: " + rows
                    + " rows in pages of version 2)");
        }
        if (second.getRowCount() < 1
                || second.getRowCount() > rows - to
                || second.getValueCount() != second.getRowCount()) {
            throw new IllegalArgumentException("column \"" + column + "\" has a page of " + second.getRowCount()
                    + " rows (expected: 1 to " + (rows - to) + ")");
        }
        from = to;
        to += second.getRowCount();
        encoding = second.getDataEncoding();
        data = reader(second.getData());
        nulls = 0;
        if (second.getNullCount() > 0) {
            takeLevels(reader(second.getDefinitionLevels()));
        } else if (validity != null) {
            setBits(validity, from, to);
        }
        return true;
    }

    private void takeLevels(BitReader in) {
        if (validity == null) {
            validity = Bits.firstSet(from, rows);
        }
        Encodings.hybrid(in, 1, levels, from, to);
        for (int row = from; row < to; row++) {
            if (levels[row] == 0) {
                nulls++;
            } else {
                Bits.set(validity, row);
            }
        }
    }

    private static void setBits(long[] bits, int from, int to) {
        for (int row = from; row < to; row++) {
            Bits.set(bits, row);
        }
    }

    /** First row of the page. */
    int from() {
        return from;
    }

    /** First row behind the page. */
    int to() {
        return to;
    }

    /** Where the values of the page end that stand together from {@link #from} on, one for each row that has one. */
    int valuesEnd() {
        return to - nulls;
    }

    Encoding encoding() {
        return encoding;
    }

    BitReader data() {
        return data;
    }

    IllegalArgumentException unexpected() {
        return new IllegalArgumentException("column \"" + column + "\" is encoded as " + encoding
                + " (expected: an encoding that data files have for its type)");
    }

    /** Of the rows so far, those that have a value; null when all have. */
    long @Nullable [] validity() {
        return validity;
    }

    /** Moves the values of the page, which stand together at its beginning, to the rows that have one. */
    void spread(long[] values) {
        if (nulls == 0 || validity == null) {
            return;
        }
        int next = valuesEnd() - 1;
        for (int row = to - 1; row > next && next >= from; row--) {
            if (Bits.get(validity, row)) {
                values[row] = values[next--];
            }
        }
    }

    /** The same; rows without a value become {@code absent}. */
    void spread(int[] values, int absent) {
        if (nulls == 0 || validity == null) {
            return;
        }
        int next = valuesEnd() - 1;
        for (int row = to - 1; row >= from; row--) {
            values[row] = Bits.get(validity, row) ? values[next--] : absent;
        }
    }
}
