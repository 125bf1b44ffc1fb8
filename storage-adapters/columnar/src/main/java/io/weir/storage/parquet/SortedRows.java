package io.weir.storage.parquet;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one measurement from many batches, merged and sorted by tags (in schema order, an absent tag first, values by
 * UTF-8 bytes), then time, then nanoseconds, then arrival. Values stay where they are, in the batches; this is the order in
 * which to fetch them. Immutable and thread-safe; keeps the batches reachable.
 *
 * <pre>
 *   table         series 0   series 1            series 2       the tags of all batches in one sorted table
 *   seriesStart   0          2                   5          6
 *   times         10  20  |  10  20  30       |  10             per sorted row
 *   refs          b0r4 …                                        per sorted row, where its fields are ({@link RowRefs})
 * </pre>
 */
public final class SortedRows {

    private final String measurement;
    private final MeasurementSchema schema;
    private final List<ColumnBatch> batches;
    private final SeriesTable table;
    private final int[] seriesStart;
    private final long[] times;
    private final short @Nullable [] nanos;
    private final long[] refs;
    private final long minTimeMicros;
    private final long maxTimeMicros;

    private SortedRows(
            MeasurementSchema schema,
            List<ColumnBatch> batches,
            SeriesTable table,
            int[] seriesStart,
            long[] times,
            short @Nullable [] nanos,
            long[] refs) {
        this.measurement = batches.isEmpty() ? "" : batches.get(0).measurement();
        this.schema = schema;
        this.batches = batches;
        this.table = table;
        this.seriesStart = seriesStart;
        this.times = times;
        this.nanos = nanos;
        this.refs = refs;
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (long time : times) {
            min = Math.min(min, time);
            max = Math.max(max, time);
        }
        this.minTimeMicros = min;
        this.maxTimeMicros = max;
    }

    /**
     * Sorts every row.
     *
     * @param schema columns of the measurement; must know every column of every batch with its type, and have nanoseconds
     *     when some batch has
     * @param batches batches of one measurement in the order they were written
     * @throws IllegalArgumentException when the schema does not cover the batches, or they are of several measurements, or
     *     hold 2^31 rows or more
     */
    public static SortedRows all(MeasurementSchema schema, List<ColumnBatch> batches) {
        return of(schema, BatchRows.all(batches));
    }

    /** Sorts the rows whose time is in {@code [fromMicros, toMicros)}; otherwise like {@link #all}. */
    public static SortedRows between(
            MeasurementSchema schema, List<ColumnBatch> batches, long fromMicros, long toMicros) {
        return of(schema, BatchRows.between(batches, fromMicros, toMicros));
    }

    /** Sorts those rows, which are in order of arrival. */
    static SortedRows of(MeasurementSchema schema, List<BatchRows> arrived) {
        return new RowMerge(schema, arrived).sorted();
    }

    /**
     * Rows that are sorted already: a stretch of a merge.
     *
     * @param batches where their fields are; each has at least one of the rows
     * @param table the series, ascending; every dictionary entry is used, codes ascend with values, and each tag of the file
     *     is there, with or without values
     * @param seriesStart per series its first row, and at the end the number of rows; none is empty
     * @param times per row its time
     * @param nanos per row its nanoseconds, or null when all are 0
     * @param refs per row where its fields are, as {@link #ref} says
     */
    public static SortedRows merged(
            MeasurementSchema schema,
            List<ColumnBatch> batches,
            SeriesTable table,
            int[] seriesStart,
            long[] times,
            short @Nullable [] nanos,
            long[] refs) {
        return of(schema, batches, table, seriesStart, times, nanos, refs);
    }

    /** How {@link #merged} refers to that row of the batch with that number. */
    public static long ref(int batch, int row) {
        return RowRefs.of(batch, row);
    }

    static SortedRows of(
            MeasurementSchema schema,
            List<ColumnBatch> batches,
            SeriesTable table,
            int[] seriesStart,
            long[] times,
            short @Nullable [] nanos,
            long[] refs) {
        return new SortedRows(schema, batches, table, seriesStart, times, nanos, refs);
    }

    /** Name of the measurement; empty when there are no rows. */
    public String measurement() {
        return measurement;
    }

    /** Columns of the measurement; the rows need not have all of them. */
    public MeasurementSchema schema() {
        return schema;
    }

    /** Number of rows. */
    public int rows() {
        return refs.length;
    }

    /** Number of distinct tag sets that have rows. */
    public int series() {
        return table.size();
    }

    /** Earliest time; {@link Long#MAX_VALUE} when there are no rows. */
    public long minTimeMicros() {
        return minTimeMicros;
    }

    /** Latest time, inclusive; {@link Long#MIN_VALUE} when there are no rows. */
    public long maxTimeMicros() {
        return maxTimeMicros;
    }

    /** Sorted series; every one has rows, every dictionary entry is used, codes ascend with values. */
    SeriesTable table() {
        return table;
    }

    /** Per series its first row, and at the end the number of rows. */
    int[] seriesStart() {
        return seriesStart;
    }

    /** Per row its time. */
    long[] times() {
        return times;
    }

    /** Per row its nanoseconds, or null when all are 0. */
    short @Nullable [] nanos() {
        return nanos;
    }

    /** Per row where its fields are: {@link RowRefs} into {@link #batches}. */
    long[] refs() {
        return refs;
    }

    /** The batches that have rows here. */
    List<ColumnBatch> batches() {
        return batches;
    }

    /** That field in each batch; an entry is null where a batch lacks it. */
    @Nullable
    FieldColumn[] field(Column column) {
        @Nullable FieldColumn[] found = new FieldColumn[batches.size()];
        for (int batch = 0; batch < found.length; batch++) {
            for (FieldColumn field : batches.get(batch).fields()) {
                if (field.name().equals(column.name())) {
                    found[batch] = field;
                }
            }
        }
        return found;
    }

    /** Whether some row has a value in that column. */
    boolean has(Column column) {
        if (column.type() == ColumnType.TAG) {
            return table.dictionary(table.tagNames().indexOf(column.name())).size() > 0;
        }
        @Nullable FieldColumn[] fields = field(column);
        boolean anywhere = false;
        for (FieldColumn field : fields) {
            if (field != null && field.validity() == null) {
                return true; // every batch kept here has rows here
            }
            anywhere |= field != null;
        }
        for (int i = 0; anywhere && i < refs.length; i++) {
            FieldColumn field = fields[RowRefs.batch(refs[i])];
            if (field != null && !field.isNull(RowRefs.row(refs[i]))) {
                return true;
            }
        }
        return false;
    }
}
