package io.weir.ingest.decode;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.SeriesTableBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Reads the tag columns of one columnar MessagePack item. Rows of a series come again and again, so the value of a row is
 * first compared with that of the row before which had the same value of another tag, the one with the most values so far:
 * one comparison instead of a search, most of the time.
 */
final class PackedTags {

    private static final int NONE = -1;

    private final MessagePackCursor cursor;
    private final PackedPlace place;
    private final SeriesTableBuilder series;
    private final LongConsumer memory;
    private final List<int[]> codes = new ArrayList<>();
    /** Where the text of each row stood in the column being read. */
    private int[] texts = {};
    /** Per row an earlier one with the same value of the tag with the most values, or {@link #NONE}. */
    private int[] earlier = {};

    private int mostValues;

    PackedTags(MessagePackCursor cursor, PackedPlace place, SeriesTableBuilder series, LongConsumer memory) {
        this.cursor = cursor;
        this.place = place;
        this.series = series;
        this.memory = memory;
    }

    /** Reads {@code rows} values of a tag; nil and the empty string are no value. */
    void read(int tag, int rows) {
        if (codes.isEmpty()) {
            memory.accept(8L * rows);
            texts = new int[rows];
            earlier = new int[rows];
            Arrays.fill(earlier, NONE);
        }
        memory.accept(4L * rows);
        int[] column = new int[rows];
        for (int row = 0; row < rows; row++) {
            int lead = cursor.position();
            texts[row] = lead;
            int like = earlier[row];
            if (like != NONE && column[like] != SeriesTable.ABSENT && cursor.skipEqual(texts[like])) {
                column[row] = column[like];
            } else {
                column[row] = code(tag, row);
            }
        }
        codes.add(column);
        if (series.values(tag) > mostValues) {
            mostValues = series.values(tag);
            findEarlier(column, mostValues);
        }
    }

    private int code(int tag, int row) {
        if (cursor.skipNil()) {
            return SeriesTable.ABSENT;
        }
        cursor.readText();
        int start = cursor.textStart();
        int end = cursor.textEnd();
        if (start == end) {
            return SeriesTable.ABSENT;
        }
        int invalid = Utf8.firstInvalid(cursor.bytes(), start, end);
        if (invalid >= 0) {
            place.row(row);
            throw new MessagePackFault(invalid, "string is not UTF-8");
        }
        return series.code(tag, cursor.bytes(), start, end);
    }

    private void findEarlier(int[] column, int values) {
        int[] last = new int[values];
        Arrays.fill(last, NONE);
        for (int row = 0; row < column.length; row++) {
            int code = column[row];
            earlier[row] = code == SeriesTable.ABSENT ? NONE : last[code];
            if (code != SeriesTable.ABSENT) {
                last[code] = row;
            }
        }
    }

    /** The series of each row, from all tags read. */
    int[] seriesOfRows(int rows) {
        memory.accept(4L * rows);
        int[] seriesOfRow = new int[rows];
        int[][] columns = codes.toArray(new int[0][]);
        for (int row = 0; row < rows; row++) {
            int like = columns.length == 0 ? row - 1 : earlier[row];
            if (like != NONE && isSame(columns, row, like)) {
                seriesOfRow[row] = seriesOfRow[like];
                continue;
            }
            for (int tag = 0; tag < columns.length; tag++) {
                if (columns[tag][row] != SeriesTable.ABSENT) {
                    series.stage(tag, columns[tag][row]);
                }
            }
            seriesOfRow[row] = series.intern();
        }
        return seriesOfRow;
    }

    private static boolean isSame(int[][] columns, int row, int like) {
        for (int[] column : columns) {
            if (column[row] != column[like]) {
                return false;
            }
        }
        return true;
    }
}
