package io.weir.storage.parquet;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import java.util.Arrays;
import java.util.List;

/**
 * Where row groups end: after {@link DataFileOptions#rowGroupRows} rows, or once the strings and tag values in a group reach
 * {@link DataFileOptions#rowGroupBytes}, so that long strings cannot make the writer's buffers grow without bound.
 */
final class RowGroups {

    private static final int MAX_SPAN_ROWS = 1 << 20;
    private static final int SPAN_BYTES = 64 << 20;

    private final SortedRows rows;
    private final DataFileOptions options;
    private final boolean countBytes;
    private final int spanRows;
    private int series;

    /** @param columns number of columns of the file */
    RowGroups(SortedRows rows, DataFileOptions options, int columns) {
        this.rows = rows;
        this.spanRows = Math.max(1, Math.min(MAX_SPAN_ROWS, SPAN_BYTES / Long.BYTES / columns));
        this.options = options;
        this.countBytes = allBytes(rows) > options.rowGroupBytes();
    }

    /**
     * Ends of the row groups from row {@code from} on that are encoded together, at least one: so many that a column of them
     * stays in the processor's cache, more or less, and all their pages are bounded. Called with ascending rows.
     */
    int[] span(int from) {
        int first = end(from);
        int length = first - from;
        if (countBytes || length >= spanRows) {
            return new int[] {first};
        }
        int last = (int) Math.min(rows.rows(), from + (long) spanRows / length * length);
        int[] ends = new int[(last - from + length - 1) / length];
        Arrays.setAll(ends, i -> (int) Math.min(last, from + (i + 1L) * length));
        return ends;
    }

    /** End of the group that starts at row {@code from}; called with ascending rows. */
    private int end(int from) {
        int most = (int) Math.min(rows.rows(), (long) from + options.rowGroupRows());
        if (!countBytes) {
            return most;
        }
        long bytes = 0;
        for (int row = from; row < most; row++) {
            boolean newSeries = row >= rows.seriesStart()[series + 1];
            if (newSeries) {
                series++;
            }
            bytes += stringBytes(rows.refs()[row]) + (newSeries || row == from ? tagBytes() : 0);
            if (bytes >= options.rowGroupBytes()) {
                return row + 1;
            }
        }
        return most;
    }

    private long stringBytes(long ref) {
        long bytes = 0;
        List<FieldColumn> fields = rows.batches().get(RowRefs.batch(ref)).fields();
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i) instanceof StringColumn strings && !strings.isNull(RowRefs.row(ref))) {
                bytes += strings.end(RowRefs.row(ref)) - strings.start(RowRefs.row(ref));
            }
        }
        return bytes;
    }

    private long tagBytes() {
        SeriesTable table = rows.table();
        long bytes = 0;
        for (int tag = 0; tag < table.tagNames().size(); tag++) {
            int code = table.code(tag, series);
            if (code != SeriesTable.ABSENT) {
                bytes += table.dictionary(tag).end(code) - table.dictionary(tag).start(code);
            }
        }
        return bytes;
    }

    /** At least the bytes of all rows together. */
    private static long mostBytes(StringColumn strings, int rows) {
        if (strings.codes() == null) {
            return strings.bytes().length;
        }
        int longest = 0;
        for (int code = 0; code < strings.texts().size(); code++) {
            longest = Math.max(
                    longest, strings.texts().end(code) - strings.texts().start(code));
        }
        return (long) longest * rows;
    }

    private static long allBytes(SortedRows rows) {
        long bytes = 0;
        for (ColumnBatch batch : rows.batches()) {
            for (FieldColumn field : batch.fields()) {
                bytes += field instanceof StringColumn strings ? mostBytes(strings, batch.rows()) : 0;
            }
        }
        for (int tag = 0; tag < rows.table().tagNames().size(); tag++) {
            Utf8Dictionary dictionary = rows.table().dictionary(tag);
            bytes += dictionary.bytes().length;
        }
        return bytes;
    }
}
