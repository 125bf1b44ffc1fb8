package io.weir.storage.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/** One column in one row group: takes encoded pages (version 2), adds levels. Headers and compression are parquet-java's. */
final class ColumnChunk {

    private final PrimitiveType type;
    private final PageWriter pages;

    ColumnChunk(PrimitiveType type, PageWriter pages) {
        this.type = type;
        this.pages = pages;
    }

    PrimitiveType type() {
        return type;
    }

    /** Statistics that count the nulls of a page and know no value yet. */
    Statistics<?> statistics(Presence presence) {
        Statistics<?> statistics = Statistics.createStats(type);
        statistics.incrementNumNulls(presence.nulls());
        return statistics;
    }

    /** Writes a page of encoded values. */
    void page(Presence presence, Encoding encoding, BytesInput values, Statistics<?> statistics) throws IOException {
        boolean required = type.isRepetition(Type.Repetition.REQUIRED);
        pages.writePageV2(
                presence.rows(),
                presence.nulls(),
                presence.rows(),
                BytesInput.empty(),
                required ? BytesInput.empty() : presence.levels(),
                encoding,
                values,
                statistics);
    }

    /** Writes a page in which no row has a value. */
    void nullPage(Presence presence) throws IOException {
        page(presence, Encoding.PLAIN, BytesInput.empty(), statistics(presence));
    }

    /**
     * Writes a dictionary page and a page of codes.
     *
     * @param entries values in PLAIN encoding in the order of their codes
     * @param size number of entries, at least 1
     * @param codes codes of the values that are present, as {@link DictionaryCodes#encode} takes them
     */
    void dictionaryPage(Presence presence, BytesInput entries, int size, int[] codes, Statistics<?> statistics)
            throws IOException {
        pages.writeDictionaryPage(new DictionaryPage(entries, size, Encoding.PLAIN));
        BytesInput values = DictionaryCodes.encode(codes, presence.values(), size);
        page(presence, Encoding.RLE_DICTIONARY, values, statistics);
    }

    /** The first {@code count} numbers in PLAIN encoding: 8 bytes each, least significant first. */
    static BytesInput plain(long[] numbers, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(numbers, 0, count);
        return BytesInput.from(bytes.array());
    }
}
