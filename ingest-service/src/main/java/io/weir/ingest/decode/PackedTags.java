package io.weir.ingest.decode;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/** Reads the tag columns of one columnar MessagePack item. */
final class PackedTags {

    private static final int UNKNOWN = -2;

    private final MessagePackCursor cursor;
    private final PackedPlace place;
    private final SeriesTableBuilder series;
    private final LongConsumer memory;
    private final PackedLikeness likeness;
    private final List<int[]> codes = new ArrayList<>();

    PackedTags(
            MessagePackCursor cursor,
            PackedPlace place,
            SeriesTableBuilder series,
            PackedLikeness likeness,
            LongConsumer memory) {
        this.cursor = cursor;
        this.place = place;
        this.series = series;
        this.likeness = likeness;
        this.memory = memory;
    }

    /** Reads {@code rows} values of a tag; nil and the empty string are no value. */
    void read(int tag, int rows) {
        likeness.begin(rows);
        memory.accept(4L * rows);
        int[] column = new int[rows];
        for (int row = 0; row < rows; row++) {
            likeness.at(row, cursor.position());
            int like = likeness.earlier(row);
            if (like != PackedLikeness.NONE
                    && column[like] != SeriesTable.ABSENT
                    && cursor.skipEqual(likeness.text(like))) {
                column[row] = column[like];
            } else {
                column[row] = code(tag, row);
            }
        }
        codes.add(column);
        likeness.learn(column, series.values(tag), SeriesTable.ABSENT);
    }

    /** Takes {@code rows} values of a tag that were decoded before; no value and the empty string are no value. */
    void take(int tag, StringColumn texts, int rows) {
        int[] textOf = texts.codes();
        if (textOf == null) {
            throw new IllegalArgumentException("texts without codes");
        }
        Utf8Dictionary dictionary = texts.texts();
        int[] codeOf = new int[dictionary.size()];
        Arrays.fill(codeOf, UNKNOWN);
        memory.accept(4L * rows);
        int[] column = new int[rows];
        for (int row = 0; row < rows; row++) {
            int text = textOf[row];
            if (texts.isNull(row)) {
                column[row] = SeriesTable.ABSENT;
            } else if (codeOf[text] == UNKNOWN) {
                boolean empty = dictionary.start(text) == dictionary.end(text);
                codeOf[text] = empty
                        ? SeriesTable.ABSENT
                        : series.code(tag, dictionary.bytes(), dictionary.start(text), dictionary.end(text));
                column[row] = codeOf[text];
            } else {
                column[row] = codeOf[text];
            }
        }
        codes.add(column);
        likeness.begin(rows);
        likeness.learn(column, series.values(tag), SeriesTable.ABSENT);
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

    /** The series of each row, from all tags read. */
    int[] seriesOfRows(int rows) {
        memory.accept(4L * rows);
        int[] seriesOfRow = new int[rows];
        int[][] columns = codes.toArray(new int[0][]);
        for (int row = 0; row < rows; row++) {
            int like = columns.length == 0 ? row - 1 : likeness.earlier(row);
            if (like != PackedLikeness.NONE && isSame(columns, row, like)) {
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
