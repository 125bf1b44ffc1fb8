package io.weir.storage.parquet;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import java.io.IOException;
import java.util.Arrays;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;

/**
 * Encodes a tag, always with a dictionary: of the values in the row group, ascending. Rows of a series are neighbours, so
 * this walks series, not rows.
 */
final class TagEncoder implements ColumnEncoder {

    private final int[] seriesStart;
    private final int[] codes;
    private final Utf8Dictionary dictionary;
    private final boolean bloomFilter;
    /** Per code of {@link #dictionary}, its code in the row group plus 1; 0 between row groups. */
    private final int[] localCodes;

    /** @param bloomFilter whether each row group gets a bloom filter of its values */
    TagEncoder(SortedRows rows, Column column, boolean bloomFilter) {
        this.bloomFilter = bloomFilter;
        int tag = rows.table().tagNames().indexOf(column.name());
        this.seriesStart = rows.seriesStart();
        this.codes = rows.table().codes(tag);
        this.dictionary = rows.table().dictionary(tag);
        this.localCodes = new int[dictionary.size()];
    }

    @Override
    public void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        int first = seriesOf(from);
        int last = seriesOf(to - 1);
        PlainStrings entries = entries(first, last, scratch.entries());
        Presence presence = scratch.presence();
        presence.clear();
        PageBuffer values = scratch.values();
        values.clear();
        if (entries.count() > 0) {
            int width = DictionaryCodes.width(entries.count());
            values.putByte(width);
            scratch.runs().start(width, values);
        }
        for (int series = first; series <= last; series++) {
            int rows = Math.min(to, seriesStart[series + 1]) - Math.max(from, seriesStart[series]);
            int code = codes[series];
            if (code == SeriesTable.ABSENT) {
                presence.absent(rows);
            } else {
                scratch.runs().run(localCodes[code] - 1, rows);
                presence.present(rows);
            }
        }
        if (presence.values() == 0) {
            Arrays.fill(localCodes, 0);
            chunk.nullPage(presence, values);
            return;
        }
        scratch.runs().end();
        Statistics<?> statistics = chunk.statistics(presence);
        entries.addTo(statistics);
        if (bloomFilter) {
            chunk.bloomFilter(bloomFilter(entries.count()));
        }
        chunk.dictionary(scratch.entries(), entries.count());
        chunk.page(presence, Encoding.RLE_DICTIONARY, values, statistics);
        Arrays.fill(localCodes, 0);
    }

    private BloomFilter bloomFilter(int count) {
        TagBloomFilter filter = new TagBloomFilter(dictionary, count);
        for (int code = 0; code < localCodes.length; code++) {
            if (localCodes[code] != 0) {
                filter.add(code);
            }
        }
        return filter.filter();
    }

    /** The values of those series, ascending, into {@code page}; numbers them in {@link #localCodes}. */
    private PlainStrings entries(int first, int last, PageBuffer page) {
        for (int series = first; series <= last; series++) {
            if (codes[series] != SeriesTable.ABSENT) {
                localCodes[codes[series]] = 1;
            }
        }
        page.clear();
        PlainStrings entries = new PlainStrings(page);
        for (int code = 0; code < localCodes.length; code++) {
            if (localCodes[code] != 0) {
                entries.add(dictionary.bytes(), dictionary.start(code), dictionary.end(code));
                localCodes[code] = entries.count();
            }
        }
        return entries;
    }

    private int seriesOf(int row) {
        int found = Arrays.binarySearch(seriesStart, row);
        return found >= 0 ? found : -found - 2;
    }
}
