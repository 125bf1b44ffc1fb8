package io.weir.storage.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * One column in one row group: takes encoded pages, adds levels, compresses, and keeps version 2 pages until they are written
 * to the file. Headers, statistics and indexes are parquet-java's.
 */
final class ColumnChunk {

    private final ColumnDescriptor column;
    private final PageCompressor compressor;
    private final PageBuffer bytes;
    private final List<EncodedPage> pages = new ArrayList<>(2);
    private @Nullable BloomFilter bloomFilter;

    /** @param bytes what the pages are appended to; may be cleared once they are written */
    ColumnChunk(ColumnDescriptor column, PageCompressor compressor, PageBuffer bytes) {
        this.column = column;
        this.compressor = compressor;
        this.bytes = bytes;
    }

    PrimitiveType type() {
        return column.getPrimitiveType();
    }

    PageCompressor compressor() {
        return compressor;
    }

    /** Statistics that count the nulls of a page and know no value yet. */
    Statistics<?> statistics(Presence presence) {
        Statistics<?> statistics = Statistics.createStats(type());
        statistics.incrementNumNulls(presence.nulls());
        return statistics;
    }

    /** Adds a page of encoded values, compressed when that makes it smaller. */
    void page(Presence presence, Encoding encoding, PageBuffer values, Statistics<?> statistics) throws IOException {
        int at = bytes.size();
        if (!type().isRepetition(Type.Repetition.REQUIRED)) {
            presence.appendLevels(bytes);
        }
        int levelsEnd = bytes.size();
        boolean compressed = encoding == Encoding.BYTE_STREAM_SPLIT
                ? compressor.compressWhole(values.array(), values.size())
                : compressor.compress(values.array(), values.size());
        append(values, compressed);
        pages.add(new EncodedPage.OfData(
                presence.rows(),
                presence.nulls(),
                at,
                levelsEnd - at,
                bytes.size() - levelsEnd,
                values.size(),
                compressed,
                encoding,
                statistics));
    }

    /** Adds a page in which no row has a value. */
    void nullPage(Presence presence, PageBuffer empty) throws IOException {
        empty.clear();
        page(presence, Encoding.PLAIN, empty, statistics(presence));
    }

    /**
     * Adds the dictionary, before any page of codes.
     *
     * @param entries values in PLAIN encoding in the order of their codes
     * @param size number of entries, at least 1
     */
    void dictionary(PageBuffer entries, int size) throws IOException {
        int at = bytes.size();
        append(entries, compressor.compressAlways(entries.array(), entries.size()));
        pages.add(new EncodedPage.OfDictionary(at, bytes.size() - at, entries.size(), size));
    }

    /** Sets the filter of the values in this chunk, which is written behind the row groups. */
    void bloomFilter(BloomFilter filter) {
        bloomFilter = filter;
    }

    /** Writes the pages as the next column of the row group at hand, which has {@code rows} rows. */
    void writeTo(ParquetFileWriter file, int rows) throws IOException {
        file.startColumn(column, rows, compressor.getCodecName());
        for (EncodedPage page : pages) {
            page.writeTo(file, bytes);
        }
        if (bloomFilter != null) {
            file.addBloomFilter(ColumnPath.get(column.getPath()).toDotString(), bloomFilter);
        }
        file.endColumn();
    }

    private void append(PageBuffer plain, boolean compressed) {
        if (compressed) {
            bytes.put(compressor.compressed(), 0, compressor.compressedLength());
        } else {
            bytes.put(plain.array(), 0, plain.size());
        }
    }
}
