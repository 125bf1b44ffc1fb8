package io.weir.query.result;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of a column batch as JSON objects, with values in the form that results of queries have. A row has the columns that it
 * has values in; its time holds the nanoseconds. Not thread-safe.
 */
public final class BatchJson {

    private final ColumnBatch batch;
    private final TextBytes out = new TextBytes(1 << 10);
    private final TemporalText times = new TemporalText();
    private final List<byte[]> keys = new ArrayList<>();
    private final List<TextColumn> columns = new ArrayList<>();

    /** Writes rows of that batch. */
    public BatchJson(ColumnBatch batch) {
        this.batch = batch;
        key(MeasurementSchema.TIME, '{');
        columns.add(this::time);
        SeriesTable series = batch.series();
        for (int tag = 0; tag < series.tagNames().size(); tag++) {
            key(series.tagNames().get(tag), ',');
            columns.add(tag(series.codes(tag), series.dictionary(tag), keys.get(keys.size() - 1)));
        }
        for (FieldColumn field : batch.fields()) {
            key(field.name(), ',');
            columns.add(field(field, keys.get(keys.size() - 1)));
        }
    }

    private void key(String name, char before) {
        TextBytes key = new TextBytes(name.length() + 4);
        key.raw(before);
        key.string(name);
        key.raw(':');
        keys.add(key.copy(0, key.size()));
    }

    /**
     * Writes rows, and begins anew with each call.
     *
     * @param before ASCII text before the rows
     * @param rows numbers of rows, those from {@code from} on, with commas between them
     * @param bytes after how many of them the text ends; one row at least is written
     * @return number behind the last row written, in {@code rows}
     */
    public int write(String before, int[] rows, int from, long bytes, String after) {
        out.clear();
        out.raw(before);
        int at = from;
        do {
            if (at > from) {
                out.raw(',');
            }
            for (TextColumn column : columns) {
                column.write(out, rows[at]);
            }
            out.raw('}');
            at++;
        } while (at < rows.length && out.size() < bytes);
        out.raw(after);
        return at;
    }

    /** What was written last, as an array of its own. */
    public byte[] text() {
        return out.copy(0, out.size());
    }

    private void time(TextBytes to, int row) {
        to.raw(keys.get(0));
        long micros = batch.timeMicros()[row];
        short[] nanos = batch.timeNanos();
        int beyond = (int) Math.floorMod(micros, 1_000_000L) * 1_000;
        times.instant(to, Math.floorDiv(micros, 1_000_000L), beyond + (nanos == null ? 0 : nanos[row]));
    }

    private TextColumn tag(int[] codes, Utf8Dictionary words, byte[] key) {
        int[] series = batch.seriesOfRow();
        return (to, row) -> {
            int code = codes[series[row]];
            if (code != SeriesTable.ABSENT) {
                to.raw(key);
                to.string(words.bytes(), words.start(code), words.end(code) - words.start(code));
            }
        };
    }

    private static TextColumn field(FieldColumn field, byte[] key) {
        TextColumn value = value(field);
        return (to, row) -> {
            if (!field.isNull(row)) {
                to.raw(key);
                value.write(to, row);
            }
        };
    }

    private static TextColumn value(FieldColumn field) {
        if (field instanceof DoubleColumn doubles) {
            return (to, row) -> to.number(doubles.values()[row]);
        }
        if (field instanceof LongColumn longs) {
            return longs.type() == ColumnType.UINT64
                    ? (to, row) -> to.wide(Long.toUnsignedString(longs.values()[row]))
                    : (to, row) -> to.wide(longs.values()[row]);
        }
        if (field instanceof BooleanColumn booleans) {
            return (to, row) -> to.bool(Bits.get(booleans.bits(), row));
        }
        StringColumn strings = (StringColumn) field;
        return (to, row) -> to.string(strings.bytes(), strings.start(row), strings.end(row) - strings.start(row));
    }
}
