package io.weir.storage.parquet.merging;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.storage.parquet.SortedRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes one row of several of one series and time: of each field the last value. Where the last row has them all, it is that
 * row; else the row is put together in a batch of its own. Not thread-safe.
 */
final class LastWins {

    private final String measurement;
    private final List<Column> columns;
    private List<ColumnBatch> batches = List.of();
    private @Nullable FieldColumn[][] fields = new FieldColumn[0][];
    /** Rows to be put together, each a range of {@link #members}. */
    private int[] starts = new int[16];

    private long[] members = new long[64];
    private int together;

    /** @param present columns of the output; tags among them are passed over */
    LastWins(String measurement, Iterable<Column> present) {
        this.measurement = measurement;
        this.columns = new ArrayList<>();
        for (Column column : present) {
            if (column.type() != ColumnType.TAG) {
                columns.add(column);
            }
        }
    }

    /** Rows are in those batches. */
    void begin(List<ColumnBatch> ofRows) {
        batches = ofRows;
        fields = new FieldColumn[batches.size()][];
        together = 0;
    }

    /** The fields of a batch, in order of {@link #columns}; null where it lacks one. */
    private @Nullable FieldColumn[] fields(int batch) {
        @Nullable FieldColumn[] known = fields[batch];
        if (known == null) {
            known = new FieldColumn[columns.size()];
            for (FieldColumn field : batches.get(batch).fields()) {
                int at = columns.indexOf(new Column(field.name(), field.type()));
                if (at >= 0) {
                    known[at] = field;
                }
            }
            fields[batch] = known;
        }
        return known;
    }

    /** One reference for rows {@code refs[from, to)}, in order of their arrival. */
    long merge(long[] refs, int from, int to) {
        long last = refs[to - 1];
        if (isComplete(last)) {
            return last;
        }
        if (together + 1 == starts.length) {
            starts = Arrays.copyOf(starts, starts.length * 2);
        }
        int at = starts[together];
        if (at + to - from > members.length) {
            members = Arrays.copyOf(members, Math.max(members.length * 2, at + to - from));
        }
        System.arraycopy(refs, from, members, at, to - from);
        starts[together + 1] = at + to - from;
        return SortedRows.ref(batches.size(), together++);
    }

    private boolean isComplete(long ref) {
        for (FieldColumn field : fields(batch(ref))) {
            if (field == null || field.isNull(row(ref))) {
                return false;
            }
        }
        return true;
    }

    private static int batch(long ref) {
        return (int) (ref >>> Integer.SIZE);
    }

    private static int row(long ref) {
        return (int) ref;
    }

    /** The batch of the rows that were put together, which comes behind the others; null when there are none. */
    @Nullable
    ColumnBatch end() {
        if (together == 0) {
            return null;
        }
        List<FieldColumn> made = new ArrayList<>();
        for (int column = 0; column < columns.size(); column++) {
            FieldColumn field = field(column);
            if (field != null) {
                made.add(field);
            }
        }
        SeriesTable nowhere = new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]); // the chunk knows
        return new ColumnBatch(measurement, together, new long[together], null, nowhere, new int[together], made);
    }

    /** The last member of that row with a value in that column, or -1. */
    private long source(int column, int row) {
        for (int i = starts[row + 1] - 1; i >= starts[row]; i--) {
            FieldColumn field = fields(batch(members[i]))[column];
            if (field != null && !field.isNull(row(members[i]))) {
                return members[i];
            }
        }
        return -1;
    }

    private @Nullable FieldColumn field(int column) {
        long[] sources = new long[together];
        long[] validity = new long[Bits.words(together)];
        int present = 0;
        for (int row = 0; row < together; row++) {
            sources[row] = source(column, row);
            if (sources[row] >= 0) {
                Bits.set(validity, row);
                present++;
            }
        }
        if (present == 0) {
            return null;
        }
        Column made = columns.get(column);
        long @Nullable [] some = present == together ? null : validity;
        return switch (made.type()) {
            case INT64, UINT64 -> new LongColumn(made.name(), made.type(), longs(column, sources), some);
            case FLOAT64 -> new DoubleColumn(made.name(), doubles(column, sources), some);
            case BOOLEAN -> new BooleanColumn(made.name(), bits(column, sources), some);
            case STRING -> strings(column, sources, some);
            case TAG -> throw new IllegalStateException("a tag is no field");
        };
    }

    private long[] longs(int column, long[] sources) {
        long[] values = new long[sources.length];
        for (int row = 0; row < values.length; row++) {
            if (sources[row] >= 0 && fields(batch(sources[row]))[column] instanceof LongColumn field) {
                values[row] = field.values()[row(sources[row])];
            }
        }
        return values;
    }

    private double[] doubles(int column, long[] sources) {
        double[] values = new double[sources.length];
        for (int row = 0; row < values.length; row++) {
            if (sources[row] >= 0 && fields(batch(sources[row]))[column] instanceof DoubleColumn field) {
                values[row] = field.values()[row(sources[row])];
            }
        }
        return values;
    }

    private long[] bits(int column, long[] sources) {
        long[] bits = new long[Bits.words(sources.length)];
        for (int row = 0; row < sources.length; row++) {
            if (sources[row] >= 0
                    && fields(batch(sources[row]))[column] instanceof BooleanColumn field
                    && Bits.get(field.bits(), row(sources[row]))) {
                Bits.set(bits, row);
            }
        }
        return bits;
    }

    private StringColumn strings(int column, long[] sources, long @Nullable [] validity) {
        int[] offsets = new int[sources.length + 1];
        byte[] bytes = new byte[64];
        for (int row = 0; row < sources.length; row++) {
            int length = offsets[row];
            if (sources[row] >= 0 && fields(batch(sources[row]))[column] instanceof StringColumn field) {
                int from = field.start(row(sources[row]));
                int size = field.end(row(sources[row])) - from;
                if (length + size > bytes.length) {
                    bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + size));
                }
                System.arraycopy(field.bytes(), from, bytes, length, size);
                length += size;
            }
            offsets[row + 1] = length;
        }
        return new StringColumn(columns.get(column).name(), offsets, bytes, validity);
    }
}
