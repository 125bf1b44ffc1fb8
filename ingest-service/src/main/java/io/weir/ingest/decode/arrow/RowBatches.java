package io.weir.ingest.decode.arrow;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.schema.ColumnType;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the rows of record batches together to column batches. Record batches are joined until the limit of a column
 * batch is reached, so that a stream of many small ones is no dearer to keep than one of few large ones.
 */
final class RowBatches {

    private static final int MAX_ROWS = 1 << 30;
    private static final int NONE = -1;

    private final String measurement;
    private final List<ArrowColumn> columns;
    private final ArrowPlace place;
    private final LongConsumer memory;
    private final long maxBatchBytes;
    private final ArrowArray[] arrays;
    private final Layout[] layouts;
    private final List<TagColumn> tags = new ArrayList<>();
    private final int[] columnOfTag;
    private final SeriesNumbers numbers;
    private final TimeSink times;
    private final List<ColumnBatch> batches = new ArrayList<>();
    private final @Nullable FieldSink[] sinks;
    private int timeColumn = NONE;
    private SeriesTableBuilder series;
    private int[] seriesOfRow = {};
    private int rows;
    private long totalRows;
    /** Bytes of what becomes the next batch, as charged. */
    private long held;

    RowBatches(
            String measurement,
            List<ArrowColumn> columns,
            BatchBody body,
            DecodeOptions options,
            LongConsumer memory,
            ArrowPlace place) {
        this.measurement = measurement;
        this.columns = columns;
        this.place = place;
        this.memory = memory;
        this.maxBatchBytes = options.limits().maxBatchBytes();
        this.arrays = new ArrowArray[columns.size()];
        this.layouts = new Layout[columns.size()];
        this.sinks = new FieldSink[columns.size()];
        int[] found = new int[columns.size()];
        Precision timeUnit = null;
        for (int i = 0; i < columns.size(); i++) {
            ArrowColumn column = columns.get(i);
            arrays[i] = new ArrowArray(body);
            layouts[i] = column.layout();
            switch (column.role()) {
                case TIME -> {
                    timeColumn = i;
                    timeUnit = column.timeUnit();
                }
                case TAG -> {
                    found[tags.size()] = i;
                    tags.add(new TagColumn(column, memory));
                }
                case FIELD -> {}
            }
        }
        this.columnOfTag = Arrays.copyOf(found, tags.size());
        this.numbers = new SeriesNumbers(tags, memory);
        this.times = new TimeSink(timeUnit, options, this::hold);
        this.series = begin();
    }

    /** How the columns of a record batch lie in it. */
    Layout[] layouts() {
        return layouts;
    }

    /** Rows so far. */
    long totalRows() {
        return totalRows;
    }

    /** Appends the rows of a record batch. */
    void append(BatchBody body) {
        boolean hasValue = false;
        for (int i = 0; i < arrays.length; i++) {
            ArrowColumn column = columns.get(i);
            place.column(column.name());
            arrays[i].open(body, i, layouts[i]);
            hasValue |= column.role() == ArrowColumn.Role.FIELD && arrays[i].values() > 0;
        }
        place.noColumn();
        int count = body.rows();
        if (count == 0) {
            return;
        }
        if (!hasValue) {
            throw new ArrowFault("no field has a value");
        }
        if (rows + (long) count > MAX_ROWS) {
            cut();
        }
        times(count);
        fields();
        series(count);
        rows += count;
        totalRows += count;
        if (held >= maxBatchBytes) {
            cut();
        }
    }

    /** All batches; nothing else may be called afterwards. */
    List<ColumnBatch> finish() {
        cut();
        return batches;
    }

    private void times(int count) {
        if (timeColumn == NONE) {
            times.appendReceiveTime(count, rows);
        } else {
            place.column(columns.get(timeColumn).name());
            times.append(arrays[timeColumn], rows);
        }
    }

    private void fields() {
        for (int i = 0; i < sinks.length; i++) {
            if (columns.get(i).role() == ArrowColumn.Role.FIELD && arrays[i].values() > 0) {
                place.column(columns.get(i).name());
                FieldSink sink = sinks[i];
                if (sink == null) {
                    sink = FieldSink.of(columns.get(i).name(), type(columns.get(i), arrays[i]), this::hold);
                    sinks[i] = sink;
                }
                sink.append(arrays[i], rows);
            }
        }
    }

    /** The type that the values of a column are stored as. */
    private static ColumnType type(ArrowColumn column, ArrowArray array) {
        ColumnType own = column.layout().type;
        ColumnType stored = column.stored();
        if (own == null) {
            throw new IllegalStateException("a column of nulls has a value");
        }
        boolean widens = stored == ColumnType.FLOAT64 && (own == ColumnType.INT64 || own == ColumnType.UINT64);
        if (stored != null && stored != own && !widens) {
            throw new ArrowFault(array.firstValid(), "is " + stored.noun() + " but the value is " + own.noun());
        }
        return stored == null ? own : stored;
    }

    private void series(int count) {
        boolean changed = false;
        for (int i = 0; i < columnOfTag.length; i++) {
            place.column(tags.get(i).name());
            changed |= tags.get(i).prepare(arrays[columnOfTag[i]], series);
        }
        if (changed) {
            numbers.forget();
        }
        numbers.open(count);
        for (int i = 0; i < columnOfTag.length; i++) {
            place.column(tags.get(i).name());
            numbers.pack(i, arrays[columnOfTag[i]]);
        }
        place.noColumn();
        if (rows + count > seriesOfRow.length) {
            seriesOfRow = Arrays.copyOf(
                    seriesOfRow, Capacity.grow(seriesOfRow.length, rows + count, Integer.BYTES, this::hold));
        }
        numbers.number(count, series, seriesOfRow, rows);
        series.commit();
    }

    private void cut() {
        if (rows == 0) {
            return;
        }
        List<FieldColumn> fields = new ArrayList<>();
        for (FieldSink sink : sinks) {
            FieldColumn field = sink == null ? null : sink.build(rows);
            if (field != null) {
                fields.add(field);
            }
        }
        int kept = Capacity.kept(rows, seriesOfRow.length);
        int[] numberOfRow = kept == seriesOfRow.length ? seriesOfRow : Arrays.copyOf(seriesOfRow, kept);
        ColumnBatch batch = new ColumnBatch(
                measurement, rows, times.micros(rows), times.nanos(rows), series.build(), numberOfRow, fields);
        batches.add(batch);
        memory.accept(batch.sizeBytes() - held);
        held = 0;
        rows = 0;
        seriesOfRow = new int[0];
        times.clear();
        Arrays.fill(sinks, null);
        series = begin();
    }

    private SeriesTableBuilder begin() {
        SeriesTableBuilder table = new SeriesTableBuilder(this::hold);
        for (TagColumn tag : tags) {
            tag.begin(table.tag(tag.name()));
        }
        numbers.forget();
        return table;
    }

    private void hold(long delta) {
        memory.accept(delta);
        held += delta;
    }
}
