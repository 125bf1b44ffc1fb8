package io.weir.storage.parquet.merging;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.io.IOException;
import java.util.Arrays;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.jspecify.annotations.Nullable;

/** Decodes the columns of one row group after the other. Not thread-safe; keeps scratch arrays between columns. */
final class ColumnReading {

    private static final double TWO_TO_64 = 0x1p64;

    private int[] codes = new int[0];
    private int[] levels = new int[0];

    /** Makes room for row groups of that many rows. */
    void reserve(int rows) {
        if (codes.length < rows) {
            codes = new int[rows];
            levels = new int[rows];
        }
    }

    private ChunkPages pages(String name, PageReader reader, int rows) {
        return new ChunkPages(name, reader, rows, levels);
    }

    /** {@code time}: required. */
    long[] times(PageReader reader, int rows) throws IOException {
        ChunkPages pages = pages("time", reader, rows);
        long[] times = new long[rows];
        longs(pages, times);
        if (pages.validity() != null) {
            throw new IllegalArgumentException("rows without a time (expected: a time in every row)");
        }
        return times;
    }

    /** {@code time_nanos}: in every row. */
    short[] nanos(PageReader reader, int rows) throws IOException {
        ChunkPages pages = pages("time_nanos", reader, rows);
        BitReader entries = entries(pages);
        int size = entries.left() / Integer.BYTES;
        short[] values = new short[size];
        for (int i = 0; i < size; i++) {
            values[i] = (short) entries.readInt();
        }
        short[] nanos = new short[rows];
        while (pages.next()) {
            requireCodes(pages);
            Encodings.codes(pages.data(), size, codes, pages.from(), pages.valuesEnd());
            for (int i = pages.from(); i < pages.valuesEnd(); i++) {
                nanos[i] = values[codes[i]];
            }
        }
        if (pages.validity() != null) {
            throw new IllegalArgumentException("rows without time_nanos (expected: a value in every row)");
        }
        return nanos;
    }

    /** A tag: its dictionary; {@code codes} receives a code for every row, {@link SeriesTable#ABSENT} without a value. */
    Utf8Dictionary tag(String name, PageReader reader, int rows, int[] codesOfRows) throws IOException {
        ChunkPages pages = pages(name, reader, rows);
        Utf8Dictionary dictionary = texts(pages);
        while (pages.next()) {
            if (pages.valuesEnd() > pages.from()) {
                requireCodes(pages);
                Encodings.codes(pages.data(), dictionary.size(), codesOfRows, pages.from(), pages.valuesEnd());
            }
            pages.spread(codesOfRows, SeriesTable.ABSENT);
        }
        return dictionary;
    }

    /**
     * A field.
     *
     * @param unsigned whether the file's 64-bit integers are
     * @param widened whether the file has integers where the column has floats
     */
    FieldColumn field(Column column, PageReader reader, int rows, boolean unsigned, boolean widened)
            throws IOException {
        ChunkPages pages = pages(column.name(), reader, rows);
        return switch (column.type()) {
            case INT64, UINT64 -> {
                long[] values = new long[rows];
                longs(pages, values);
                yield new LongColumn(column.name(), column.type(), values, pages.validity());
            }
            case FLOAT64 -> {
                long[] values = new long[rows];
                longs(pages, values);
                yield new DoubleColumn(column.name(), doubles(values, unsigned, widened), pages.validity());
            }
            case BOOLEAN -> booleans(column.name(), pages, rows);
            case STRING -> strings(column.name(), pages, rows);
            case TAG -> throw new IllegalArgumentException("a tag is no field");
        };
    }

    private static double[] doubles(long[] values, boolean unsigned, boolean widened) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < doubles.length; i++) {
            double wide = unsigned && values[i] < 0 ? values[i] + TWO_TO_64 : values[i];
            doubles[i] = widened ? wide : Double.longBitsToDouble(values[i]);
        }
        return doubles;
    }

    /** 64-bit numbers of any encoding; the bits of doubles. */
    private void longs(ChunkPages pages, long[] out) throws IOException {
        long @Nullable [] dictionary = null;
        DictionaryPage page = pages.dictionary();
        if (page != null) {
            BitReader entries = ChunkPages.reader(page.getBytes());
            dictionary = new long[entries.left() / Long.BYTES];
            entries.readLongs(dictionary, 0, dictionary.length);
        }
        while (pages.next()) {
            int from = pages.from();
            int end = pages.valuesEnd();
            if (from < end) {
                page(pages, dictionary, out, from, end);
            }
            pages.spread(out);
        }
    }

    private void page(ChunkPages pages, long @Nullable [] dictionary, long[] out, int from, int end) {
        switch (pages.encoding()) {
            case PLAIN -> pages.data().readLongs(out, from, end);
            case BYTE_STREAM_SPLIT -> pages.data().readSplitLongs(out, from, end);
            case DELTA_BINARY_PACKED -> Encodings.deltas(pages.data(), out, from, end);
            default -> {
                requireCodes(pages);
                if (dictionary == null) {
                    throw pages.unexpected();
                }
                Encodings.codes(pages.data(), dictionary.length, codes, from, end);
                for (int i = from; i < end; i++) {
                    out[i] = dictionary[codes[i]];
                }
            }
        }
    }

    private BooleanColumn booleans(String name, ChunkPages pages, int rows) throws IOException {
        long[] bits = new long[Bits.words(rows)];
        while (pages.next()) {
            int from = pages.from();
            int end = pages.valuesEnd();
            if (from < end) {
                if (pages.encoding() != Encoding.RLE) {
                    throw pages.unexpected();
                }
                pages.data().skip(Integer.BYTES); // their length: the page holds nothing else
                Encodings.hybrid(pages.data(), 1, codes, from, end);
            }
            pages.spread(codes, 0);
            for (int row = from; row < pages.to(); row++) {
                if (codes[row] != 0) {
                    Bits.set(bits, row);
                }
            }
        }
        return new BooleanColumn(name, bits, pages.validity());
    }

    private StringColumn strings(String name, ChunkPages pages, int rows) throws IOException {
        DictionaryPage page = pages.dictionary();
        if (page == null) {
            return plainStrings(name, pages, rows);
        }
        Utf8Dictionary texts = texts(ChunkPages.reader(page.getBytes()), page.getDictionarySize());
        int[] codesOfRows = new int[rows];
        while (pages.next()) {
            if (pages.valuesEnd() > pages.from()) {
                requireCodes(pages);
                Encodings.codes(pages.data(), texts.size(), codesOfRows, pages.from(), pages.valuesEnd());
            }
            pages.spread(codesOfRows, 0);
        }
        return new StringColumn(name, texts, codesOfRows, pages.validity());
    }

    private StringColumn plainStrings(String name, ChunkPages pages, int rows) throws IOException {
        int[] offsets = new int[rows + 1];
        byte[] bytes = new byte[0];
        int length = 0;
        while (pages.next()) {
            if (pages.valuesEnd() > pages.from() && pages.encoding() != Encoding.PLAIN) {
                throw pages.unexpected();
            }
            BitReader data = pages.data();
            bytes = length + data.left() > bytes.length
                    ? Arrays.copyOf(bytes, Math.max(length + data.left(), (int) Math.min(1L << 30, 2L * bytes.length)))
                    : bytes;
            long @Nullable [] validity = pages.validity();
            for (int row = pages.from(); row < pages.to(); row++) {
                if (validity == null || Bits.get(validity, row)) {
                    int size = data.readInt();
                    System.arraycopy(data.bytes(), data.skip(size), bytes, length, size);
                    length += size;
                }
                offsets[row + 1] = length;
            }
        }
        return new StringColumn(name, offsets, bytes, pages.validity());
    }

    private static BitReader entries(ChunkPages pages) throws IOException {
        DictionaryPage page = pages.dictionary();
        return page == null ? new BitReader(new byte[0], 0, 0) : ChunkPages.reader(page.getBytes());
    }

    private static Utf8Dictionary texts(ChunkPages pages) throws IOException {
        DictionaryPage page = pages.dictionary();
        return page == null ? Utf8Dictionary.of() : texts(ChunkPages.reader(page.getBytes()), page.getDictionarySize());
    }

    private static Utf8Dictionary texts(BitReader in, int size) {
        int[] offsets = new int[size + 1];
        byte[] bytes = new byte[in.left()];
        for (int i = 0; i < size; i++) {
            int length = in.readInt();
            System.arraycopy(in.bytes(), in.skip(length), bytes, offsets[i], length);
            offsets[i + 1] = offsets[i] + length;
        }
        return new Utf8Dictionary(size, offsets, bytes);
    }

    private static void requireCodes(ChunkPages pages) {
        if (pages.encoding() != Encoding.RLE_DICTIONARY) {
            throw pages.unexpected();
        }
    }

    /** Whether that column of a file can become that column of the schema. */
    static boolean fits(ColumnType wanted, ColumnType found) {
        return switch (wanted) {
            case TAG, STRING -> found == ColumnType.STRING;
            case FLOAT64 -> found == ColumnType.FLOAT64 || found == ColumnType.INT64 || found == ColumnType.UINT64;
            case INT64, UINT64, BOOLEAN -> found == wanted;
        };
    }
}
