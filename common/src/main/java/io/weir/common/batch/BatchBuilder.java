package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link ColumnBatch} row by row. A row is the calls of {@code set…} between two calls of {@link #endRow} or
 * {@link #abortRow}; an aborted row leaves nothing behind: no value, no null, no column, no tag, no dictionary entry.
 * Columns may appear at any row; rows before it are null. In the steady state nothing is allocated per row, only now and
 * then a larger array. Not thread-safe.
 *
 * <pre>
 *   int host = builder.series().tag("host");
 *   builder.series().stage(host, builder.series().code(host, utf8, 0, 3));
 *   int series = builder.series().intern();          // or a number interned for an earlier row
 *   builder.setDouble(builder.field("usage", FLOAT64), 1.5);
 *   builder.endRow(series, timeMicros, 0);
 * </pre>
 */
public final class BatchBuilder {

    private static final int BASE_BYTES = 512;

    private final String measurement;
    private final Growth growth;
    private final RowCapacity capacity = new RowCapacity();
    private final SeriesTableBuilder series;
    private final List<FieldColumnBuilder> fields = new ArrayList<>();
    private final Map<String, Integer> fieldByName = new HashMap<>();
    private FieldColumnBuilder[] columns = {};
    private int committedFields;
    private int rows;
    private long[] timeMicros = {};
    private int[] seriesOfRow = {};
    private short @Nullable [] timeNanos;

    /** A builder that nobody charges for. */
    public BatchBuilder(String measurement) {
        this(measurement, delta -> {});
    }

    /**
     * A builder of one batch.
     *
     * @param measurement measurement name
     * @param growth hears by how many bytes this builder is about to grow (or, negative, has shrunk), before it
     *     allocates; what it throws passes through, and the builder must then be dropped
     */
    public BatchBuilder(String measurement, LongConsumer growth) {
        this.measurement = measurement;
        this.growth = new Growth(growth);
        this.growth.add(BASE_BYTES);
        this.series = new SeriesTableBuilder(this.growth);
    }

    /**
     * Lets {@code rowsInAll} say how long arrays are made. Whenever they must grow it gets the number of rows ended so far
     * and answers with how many there will probably be in all; an answer of no more than it got means it cannot tell, and
     * the arrays double. Too low an answer costs a copy, too high a one memory until {@link #build}.
     */
    public void forecast(IntUnaryOperator rowsInAll) {
        capacity.forecast(rowsInAll);
    }

    /** Measurement name. */
    public String measurement() {
        return measurement;
    }

    /** Number of rows ended so far. */
    public int rows() {
        return rows;
    }

    /** About how many bytes of heap this builder holds: what {@code growth} has heard of. */
    public long sizeBytes() {
        return growth.bytes();
    }

    /** The series of this batch: tags are added and staged there. It is committed and rolled back by rows here. */
    public SeriesTableBuilder series() {
        return series;
    }

    /**
     * Index of the field of that name and type, which is added when it is new.
     *
     * @throws IllegalArgumentException when the field exists with another type, or {@code type} is TAG
     */
    public int field(String name, ColumnType type) {
        Integer known = fieldByName.get(name);
        if (known != null) {
            if (columns[known].type != type) {
                throw new IllegalArgumentException("field " + name + " is " + columns[known].type + ", not " + type);
            }
            return known;
        }
        FieldColumnBuilder column = switch (type) {
            case INT64, UINT64 -> new LongColumnBuilder(name, type, growth, capacity);
            case FLOAT64 -> new DoubleColumnBuilder(name, growth, capacity);
            case BOOLEAN -> new BooleanColumnBuilder(name, growth, capacity);
            case STRING -> new StringColumnBuilder(name, growth, capacity);
            case TAG -> throw new IllegalArgumentException("a tag is not a field");
        };
        int field = fields.size();
        fields.add(column);
        columns = fields.toArray(columns);
        fieldByName.put(name, field);
        return field;
    }

    /** Number of fields, those of the current row included. */
    public int fields() {
        return fields.size();
    }

    /** Value of an INT64 or UINT64 field in the current row; the last value set counts. */
    public void setLong(int field, long value) {
        ((LongColumnBuilder) columns[field]).set(rows, value);
    }

    /** Value of a FLOAT64 field in the current row; the last value set counts. */
    public void setDouble(int field, double value) {
        ((DoubleColumnBuilder) columns[field]).set(rows, value);
    }

    /** Value of a BOOLEAN field in the current row; the last value set counts. */
    public void setBoolean(int field, boolean value) {
        ((BooleanColumnBuilder) columns[field]).set(rows, value);
    }

    /** Value {@code utf8[from, to)} of a STRING field in the current row; the last value set counts. */
    public void setString(int field, byte[] utf8, int from, int to) {
        ((StringColumnBuilder) columns[field]).set(rows, utf8, from, to);
    }

    /** Whether {@code field} has a value in the current row. */
    public boolean isSet(int field) {
        return columns[field].nextRow() > rows;
    }

    /**
     * Ends the current row.
     *
     * @param seriesNumber series of the row, from {@link SeriesTableBuilder#intern}
     * @param micros UTC microseconds since 1970
     * @param nanos the 0–999 nanoseconds beyond {@code micros}
     */
    public void endRow(int seriesNumber, long micros, int nanos) {
        if (rows == timeMicros.length) {
            grow();
        }
        timeMicros[rows] = micros;
        seriesOfRow[rows] = seriesNumber;
        if (nanos != 0) {
            if (timeNanos == null) {
                growth.add(2L * timeMicros.length);
                timeNanos = new short[timeMicros.length];
            }
            timeNanos[rows] = (short) nanos;
        }
        series.commit();
        committedFields = fields.size();
        rows++;
    }

    /** Drops the current row with everything that came with it. */
    public void abortRow() {
        for (int field = fields.size() - 1; field >= committedFields; field--) {
            FieldColumnBuilder dropped = fields.remove(field);
            fieldByName.remove(dropped.name);
            dropped.discard();
        }
        for (FieldColumnBuilder column : fields) {
            column.undo(rows);
        }
        series.rollback();
    }

    /**
     * The batch of all ended rows, its arrays at most a quarter longer than needed; a row not yet ended is dropped. This
     * builder must not be used afterwards.
     *
     * @throws IllegalStateException when there is no row
     */
    public ColumnBatch build() {
        if (rows == 0) {
            throw new IllegalStateException("no row to build a batch of");
        }
        abortRow();
        List<FieldColumn> built = new ArrayList<>(fields.size());
        for (FieldColumnBuilder column : fields) {
            if (column.hasValues()) {
                built.add(column.build(rows));
            }
        }
        int kept = Growth.kept(rows, timeMicros.length);
        boolean exact = kept == timeMicros.length;
        return new ColumnBatch(
                measurement,
                rows,
                exact ? timeMicros : Arrays.copyOf(timeMicros, kept),
                timeNanos == null || exact ? timeNanos : Arrays.copyOf(timeNanos, kept),
                series.build(),
                exact ? seriesOfRow : Arrays.copyOf(seriesOfRow, kept),
                built);
    }

    private void grow() {
        int length = capacity.atLeast(rows + 1);
        growth.add((timeNanos == null ? 12L : 14L) * (length - rows));
        timeMicros = Arrays.copyOf(timeMicros, length);
        seriesOfRow = Arrays.copyOf(seriesOfRow, length);
        if (timeNanos != null) {
            timeNanos = Arrays.copyOf(timeNanos, length);
        }
    }
}
