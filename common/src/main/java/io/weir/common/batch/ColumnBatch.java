package io.weir.common.batch;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * N rows of one measurement in columns of primitive arrays: the unit in which rows are decoded, logged, buffered,
 * queried and written to files. Rows keep the order in which they arrived. Immutable and thread-safe once built; whoever
 * reads an array must not modify it. Every column of a batch has a value in at least one row.
 */
public final class ColumnBatch {

    private final String measurement;
    private final int rows;
    private final long[] timeMicros;
    private final short @Nullable [] timeNanos;
    private final SeriesTable series;
    private final int[] seriesOfRow;
    private final List<FieldColumn> fields;
    private final long minTimeMicros;
    private final long maxTimeMicros;
    private final long sizeBytes;

    /**
     * Takes ownership of the arrays, each at least {@code rows} long.
     *
     * @param measurement measurement name
     * @param rows number of rows, at least 1
     * @param timeMicros per row, UTC microseconds since 1970
     * @param timeNanos per row the 0–999 nanoseconds beyond {@code timeMicros}, or null when all are 0
     * @param series the distinct tag sets
     * @param seriesOfRow per row, its series
     * @param fields field columns, names distinct and different from tag names
     */
    public ColumnBatch(
            String measurement,
            int rows,
            long[] timeMicros,
            short @Nullable [] timeNanos,
            SeriesTable series,
            int[] seriesOfRow,
            List<FieldColumn> fields) {
        if (rows < 1) {
            throw new IllegalArgumentException("a batch has at least one row");
        }
        this.measurement = measurement;
        this.rows = rows;
        this.timeMicros = timeMicros;
        this.timeNanos = timeNanos;
        this.series = series;
        this.seriesOfRow = seriesOfRow;
        this.fields = List.copyOf(fields);
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int i = 0; i < rows; i++) {
            min = Math.min(min, timeMicros[i]);
            max = Math.max(max, timeMicros[i]);
        }
        this.minTimeMicros = min;
        this.maxTimeMicros = max;
        long bytes = 128 + 8L * timeMicros.length + 4L * seriesOfRow.length + series.sizeBytes();
        bytes += timeNanos == null ? 0 : 2L * timeNanos.length;
        for (FieldColumn field : fields) {
            bytes += field.sizeBytes();
        }
        this.sizeBytes = bytes;
    }

    /** Measurement name. */
    public String measurement() {
        return measurement;
    }

    /** Number of rows, at least 1. */
    public int rows() {
        return rows;
    }

    /** Per row, UTC microseconds since 1970. */
    public long[] timeMicros() {
        return timeMicros;
    }

    /** Per row the 0–999 nanoseconds beyond {@link #timeMicros}, or null when all are 0. */
    public short @Nullable [] timeNanos() {
        return timeNanos;
    }

    /** The distinct tag sets. */
    public SeriesTable series() {
        return series;
    }

    /** Per row, its series. */
    public int[] seriesOfRow() {
        return seriesOfRow;
    }

    /** Field columns. */
    public List<FieldColumn> fields() {
        return fields;
    }

    /** Earliest time in the batch. */
    public long minTimeMicros() {
        return minTimeMicros;
    }

    /** Latest time in the batch. */
    public long maxTimeMicros() {
        return maxTimeMicros;
    }

    /** Bytes of heap this batch holds; what memory budgets count. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Tags, then fields, as schema columns. */
    public List<Column> columns() {
        List<Column> columns = new ArrayList<>(series.tagNames().size() + fields.size());
        for (String tag : series.tagNames()) {
            columns.add(new Column(tag, ColumnType.TAG));
        }
        for (FieldColumn field : fields) {
            columns.add(new Column(field.name(), field.type()));
        }
        return columns;
    }
}
