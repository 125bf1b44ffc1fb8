package io.weir.storage.parquet;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import java.io.IOException;
import java.util.Arrays;
import org.apache.parquet.column.statistics.Statistics;

/**
 * Encodes a tag, always with a dictionary: of the values in the row group, ascending. Rows of a series are neighbours, so
 * this walks series, not rows.
 */
final class TagEncoder implements ColumnEncoder {

    private final int[] seriesStart;
    private final int[] codes;
    private final Utf8Dictionary dictionary;
    /** Per code of {@link #dictionary}, its code in the row group plus 1; 0 between row groups. */
    private final int[] localCodes;

    TagEncoder(SortedRows rows, Column column) {
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
        PlainStrings entries = entries(first, last);
        Presence presence = scratch.presence();
        presence.clear();
        for (int series = first; series <= last; series++) {
            int start = Math.max(from, seriesStart[series]);
            int end = Math.min(to, seriesStart[series + 1]);
            int code = codes[series];
            if (code == SeriesTable.ABSENT) {
                presence.absent(end - start);
            } else {
                int at = presence.values();
                Arrays.fill(scratch.codes(), at, at + end - start, localCodes[code] - 1);
                presence.present(end - start);
            }
        }
        Arrays.fill(localCodes, 0);
        if (presence.values() == 0) {
            chunk.nullPage(presence);
            return;
        }
        Statistics<?> statistics = chunk.statistics(presence);
        entries.addTo(statistics);
        chunk.dictionaryPage(presence, entries.bytes(), entries.count(), scratch.codes(), statistics);
    }

    /** The values of those series, ascending; numbers them in {@link #localCodes}. */
    private PlainStrings entries(int first, int last) {
        for (int series = first; series <= last; series++) {
            if (codes[series] != SeriesTable.ABSENT) {
                localCodes[codes[series]] = 1;
            }
        }
        PlainStrings entries = new PlainStrings();
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
