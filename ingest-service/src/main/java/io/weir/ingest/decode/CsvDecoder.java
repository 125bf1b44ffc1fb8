package io.weir.ingest.decode;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes whole rows of a CSV file into a column batch: once over the rows to find the types of columns that the schema
 * does not know, once to build. Bad rows are counted, described and left out. Allocates nothing per row or value. One
 * decoder for one piece of the file; not thread-safe.
 */
public final class CsvDecoder {

    private final CsvLayout layout;
    private final DecodeOptions options;
    private final CsvRow row;
    private final NumberReader numbers = new NumberReader();
    private final CsvTime time;
    private final CsvColumn[] columns;
    private final LineErrors errors;
    private final BatchBuilder batch;
    private long accepted;
    private int line;

    /**
     * A decoder for one piece.
     *
     * @param firstLine number of the line of the file that the piece begins with
     * @throws WeirException {@code invalid-request} when the measurement cannot take these columns
     */
    public CsvDecoder(CsvLayout layout, DecodeOptions options, int firstLine) {
        this.layout = layout;
        this.options = options;
        this.row = new CsvRow(layout.delimiter());
        this.time = new CsvTime(options.precision(), numbers);
        this.errors = new LineErrors(options.limits().maxErrors());
        this.batch = new BatchBuilder(layout.measurement(), options.memory());
        this.line = firstLine;
        this.columns = columns(options.schemas().find(layout.measurement()));
    }

    private CsvColumn[] columns(@Nullable MeasurementSchema schema) {
        CsvColumn[] found = new CsvColumn[layout.columns().size()];
        int total = schema == null ? 0 : schema.columns().size();
        for (int i = 0; i < found.length; i++) {
            String name = layout.columns().get(i);
            Column stored = schema == null ? null : schema.find(name);
            ColumnType asked = layout.tags().contains(i) ? ColumnType.TAG : null;
            if (stored != null && asked != null && stored.type() != asked) {
                throw invalid("column \"" + name + "\" is a field of type "
                        + stored.type().noun() + " already (expected: not to be named in tags)");
            }
            total += stored == null && i != layout.timeColumn() ? 1 : 0;
            found[i] = new CsvColumn(name, stored == null ? asked : stored.type());
        }
        if (total > options.limits().maxColumns()) {
            throw invalid("measurement \"" + Names.printable(layout.measurement()) + "\" would have " + total
                    + " columns (expected: at most " + options.limits().maxColumns() + ")");
        }
        return found;
    }

    private static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail);
    }

    /**
     * The rows of {@code buffer[from, to)}, which ends with a row or with the file. At least 8 bytes of the array follow.
     *
     * @throws io.weir.common.error.WeirException what the memory listener throws
     */
    public DecodedWrite decode(byte[] buffer, int from, int to) {
        infer(buffer, from, to);
        for (int at = from; at < to; ) {
            int next = row.read(buffer, at, to);
            boolean blank = row.fault() == null && row.fields() == 1 && row.from(0) == row.to(0);
            if (!blank) {
                add(buffer, at, next);
            }
            for (int newline = at; (newline = Words.indexOf(buffer, '\n', newline, next)) >= 0; newline++) {
                line++;
            }
            at = next;
        }
        List<ColumnBatch> batches = new ArrayList<>();
        long building = batch.sizeBytes();
        if (batch.rows() > 0) {
            ColumnBatch built = batch.build();
            options.memory().accept(built.sizeBytes() - building);
            batches.add(built);
        } else {
            options.memory().accept(-building);
        }
        return new DecodedWrite(batches, accepted, errors.count(), errors.first());
    }

    private void infer(byte[] buffer, int from, int to) {
        boolean open = false;
        for (int i = 0; i < columns.length; i++) {
            open |= i != layout.timeColumn() && columns[i].isOpen();
        }
        for (int at = from; open && at < to; ) {
            at = row.read(buffer, at, to);
            if (row.fault() == null && row.fields() == columns.length) {
                for (int i = 0; i < columns.length; i++) {
                    if (i != layout.timeColumn() && columns[i].isOpen() && row.from(i) < row.to(i)) {
                        columns[i].see(buffer, row.from(i), row.to(i), numbers);
                    }
                }
            }
        }
    }

    private void add(byte[] buffer, int start, int next) {
        try {
            LineFault broken = row.fault();
            if (broken != null) {
                throw broken;
            }
            if (row.fields() != columns.length) {
                throw LineFault.syntax(
                        start, "row of " + row.fields() + " values", columns.length + " values, as in the header row");
            }
            long nanos = time.read(buffer, row.from(layout.timeColumn()), row.to(layout.timeColumn()));
            int fields = 0;
            for (int i = 0; i < columns.length; i++) {
                if (i != layout.timeColumn() && row.from(i) < row.to(i)) {
                    fields += value(columns[i], buffer, i) ? 1 : 0;
                }
            }
            if (fields == 0) {
                throw LineFault.syntax(start, "row without a field", "at least one value besides time and tags");
            }
            batch.endRow(batch.series().intern(), Math.floorDiv(nanos, 1_000L), (int) Math.floorMod(nanos, 1_000L));
            accepted++;
        } catch (LineFault fault) {
            batch.abortRow();
            for (CsvColumn column : columns) {
                column.index = -1; // columns the row brought are gone; the others are found again by name
            }
            errors.add(fault, buffer, start, next, line);
        }
    }

    /** Sets one value of the open row. @return whether it is a field */
    private boolean value(CsvColumn column, byte[] buffer, int i) {
        int from = row.from(i);
        int to = row.to(i);
        ColumnType type = column.type();
        switch (type) {
            case TAG -> {
                if (column.index < 0) {
                    column.index = batch.series().tag(column.name);
                }
                boolean doubled = text(buffer, i);
                batch.series()
                        .stage(
                                column.index,
                                doubled
                                        ? batch.series().code(column.index, row.scratch(), 0, row.undouble(buffer, i))
                                        : batch.series().code(column.index, buffer, from, to));
                return false;
            }
            case STRING -> {
                if (text(buffer, i)) {
                    batch.setString(field(column), row.scratch(), 0, row.undouble(buffer, i));
                } else {
                    batch.setString(field(column), buffer, from, to);
                }
            }
            case INT64 -> {
                requireType(numbers.timestamp(buffer, from) == to, column, buffer, from, to);
                batch.setLong(field(column), numbers.integer());
            }
            case UINT64 -> batch.setLong(field(column), unsigned(column, buffer, from, to));
            case FLOAT64 -> {
                requireType(
                        isNumber(buffer[from])
                                && numbers.field(buffer, from) == to
                                && numbers.type() == ColumnType.FLOAT64,
                        column,
                        buffer,
                        from,
                        to);
                batch.setDouble(field(column), numbers.real());
            }
            case BOOLEAN -> {
                boolean yes = CsvColumn.isWord(buffer, from, to, "true");
                requireType(yes || CsvColumn.isWord(buffer, from, to, "false"), column, buffer, from, to);
                batch.setBoolean(field(column), yes);
            }
        }
        return true;
    }

    private static boolean isNumber(byte first) {
        return (first >= '0' && first <= '9') || first == '-' || first == '.';
    }

    private int field(CsvColumn column) {
        if (column.index < 0) {
            column.index = batch.field(column.name, column.type());
        }
        return column.index;
    }

    /** Checks a text. @return whether its quotes are doubled */
    private boolean text(byte[] buffer, int i) {
        int invalid = Utf8.firstInvalid(buffer, row.from(i), row.to(i));
        if (invalid >= 0) {
            throw LineFault.syntax(invalid, "value of column " + (i + 1) + " is not UTF-8", "well-formed UTF-8");
        }
        return row.isDoubled(i);
    }

    private long unsigned(CsvColumn column, byte[] buffer, int from, int to) {
        long value = 0;
        boolean digits = to - from <= 20;
        for (int at = from; digits && at < to; at++) {
            int digit = buffer[at] - '0';
            // 1844674407370955161 is a tenth of 2^64 - 1, which ends in 5.
            boolean fits = Long.compareUnsigned(value, 1_844_674_407_370_955_161L) < 0
                    || (value == 1_844_674_407_370_955_161L && digit <= 5);
            digits = digit >= 0 && digit <= 9 && fits;
            value = value * 10 + digit;
        }
        requireType(digits, column, buffer, from, to);
        return value;
    }

    private static void requireType(boolean ok, CsvColumn column, byte[] buffer, int from, int to) {
        if (!ok) {
            throw LineFault.conflict(
                    from,
                    "value " + LineFault.quoted(buffer, from, to) + " of column \"" + column.name + "\" is no "
                            + column.type().noun(),
                    column.type().noun());
        }
    }
}
