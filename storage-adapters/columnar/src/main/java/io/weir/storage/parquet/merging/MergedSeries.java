package io.weir.storage.parquet.merging;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import java.util.Arrays;
import java.util.List;

/**
 * Which series the rows of a {@link MergedChunk} are of: pieces of neighbouring rows, each with the numbers of its tags'
 * values in the merge's {@link TagValues}. Neighbouring pieces may be of one series. Not thread-safe.
 */
final class MergedSeries {

    private final List<String> tagNames;
    private final List<TagValues> tags;
    private final int width;
    private int[] start = new int[64];
    private int[] numbers;
    private int pieces;
    private int at;
    private int written;

    MergedSeries(List<String> tagNames, List<TagValues> tags) {
        this.tagNames = tagNames;
        this.tags = tags;
        this.width = tagNames.size();
        this.numbers = new int[64 * width];
    }

    /** The series of some rows, as {@link io.weir.storage.parquet.SortedRows#merged} wants them. */
    static final class Taken {

        private final SeriesTable table;
        private final int[] starts;

        private Taken(SeriesTable table, int[] starts) {
            this.table = table;
            this.starts = starts;
        }

        SeriesTable table() {
            return table;
        }

        /** Per series its first row, and at the end the number of rows. */
        int[] starts() {
            return starts;
        }
    }

    /** A piece of that segment begins at row {@code row}. */
    void append(LoadedGroup group, int segment, int row) {
        if (pieces == start.length) {
            start = Arrays.copyOf(start, pieces * 2);
            numbers = Arrays.copyOf(numbers, pieces * 2 * width);
        }
        start[pieces] = row;
        for (int tag = 0; tag < width; tag++) {
            numbers[pieces * width + tag] = group.number(tag, segment);
        }
        pieces++;
    }

    private boolean isSamePiece(int a, int b) {
        return Arrays.equals(numbers, a * width, (a + 1) * width, numbers, b * width, (b + 1) * width);
    }

    /** Rows are left out from now on; the calls until {@link #endRewrite} come with ascending rows. */
    void beginRewrite() {
        at = 0;
        written = 0;
    }

    /** Whether two rows are of one series. */
    boolean isSame(int row, int later) {
        moveTo(row);
        int piece = at;
        while (piece + 1 < pieces && start[piece + 1] <= later) {
            piece++;
        }
        return piece == at || isSamePiece(at, piece);
    }

    private void moveTo(int row) {
        while (at + 1 < pieces && start[at + 1] <= row) {
            at++;
        }
    }

    /** Row {@code row} becomes row {@code kept}. */
    void rewrite(int row, int kept) {
        moveTo(row);
        if (written > 0 && isSamePiece(written - 1, at)) {
            return;
        }
        System.arraycopy(numbers, at * width, numbers, written * width, width);
        start[written] = kept;
        written++;
        if (written > at + 1) {
            throw new IllegalStateException("more pieces than there were");
        }
    }

    void endRewrite() {
        pieces = written;
    }

    /** The series of the first {@code count} rows of {@code rows}, at least one; the others move up. */
    Taken take(int count, int rows) {
        int end = pieces;
        while (end > 0 && start[end - 1] >= count) {
            end--;
        }
        int[] firsts = new int[end + 1];
        int[] pieceOf = new int[end];
        int series = 0;
        for (int piece = 0; piece < end; piece++) {
            if (piece == 0 || !isSamePiece(piece - 1, piece)) {
                pieceOf[series] = piece;
                firsts[series++] = start[piece];
            }
        }
        firsts[series] = count;
        SeriesTable table = table(pieceOf, series);
        dropTo(count == rows || (end < pieces && start[end] == count) ? end : end - 1, count);
        return new Taken(table, Arrays.copyOf(firsts, series + 1));
    }

    private void dropTo(int from, int count) {
        for (int piece = from; piece < pieces; piece++) {
            start[piece - from] = Math.max(0, start[piece] - count);
            System.arraycopy(numbers, piece * width, numbers, (piece - from) * width, width);
        }
        pieces -= from;
    }

    private SeriesTable table(int[] pieceOf, int series) {
        int[][] codes = new int[width][series];
        Utf8Dictionary[] dictionaries = new Utf8Dictionary[width];
        for (int tag = 0; tag < width; tag++) {
            int[] codeOf = new int[tags.get(tag).size() + 1];
            for (int i = 0; i < series; i++) {
                codeOf[numbers[pieceOf[i] * width + tag]] = 1;
            }
            codeOf[0] = 0;
            dictionaries[tag] = tags.get(tag).dictionary(codeOf);
            for (int i = 0; i < series; i++) {
                codes[tag][i] = codeOf[numbers[pieceOf[i] * width + tag]] - 1; // 0 is SeriesTable.ABSENT plus 1
            }
        }
        return new SeriesTable(series, tagNames, codes, dictionaries);
    }

    /** Forgets all values of tags but those of these pieces, which should be few. */
    void renumber() {
        for (int tag = 0; tag < width; tag++) {
            TagValues values = tags.get(tag);
            Utf8Dictionary[] kept = new Utf8Dictionary[pieces];
            for (int piece = 0; piece < pieces; piece++) {
                int number = numbers[piece * width + tag];
                kept[piece] = number == 0 ? Utf8Dictionary.of() : values.only(number);
            }
            values.clear();
            for (int piece = 0; piece < pieces; piece++) {
                numbers[piece * width + tag] = kept[piece].size() == 0 ? 0 : values.take(kept[piece])[0];
            }
        }
    }
}
