package io.weir.query.condition;

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
import io.weir.query.plan.EngineNames;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One column of a batch as conditions see it: the time, a tag, a field, or one that the batch does not have.
 *
 * @param batch its batch
 * @param isTime whether it is the time
 * @param tag number of the tag, or -1
 * @param field the field, or null
 */
record BatchColumn(
        ColumnBatch batch,
        boolean isTime,
        int tag,
        @Nullable FieldColumn field) {

    /** The column of that name; where there is none, the one the engine would take it for. */
    static BatchColumn of(ColumnBatch batch, String name) {
        BatchColumn exact = find(batch, name::equals);
        return exact.exists() ? exact : find(batch, other -> EngineNames.same(name, other));
    }

    private static BatchColumn find(ColumnBatch batch, Predicate<String> name) {
        List<String> tags = batch.series().tagNames();
        for (int tag = 0; tag < tags.size(); tag++) {
            if (name.test(tags.get(tag))) {
                return new BatchColumn(batch, false, tag, null);
            }
        }
        for (FieldColumn field : batch.fields()) {
            if (name.test(field.name())) {
                return new BatchColumn(batch, false, -1, field);
            }
        }
        return new BatchColumn(batch, name.test(MeasurementSchema.TIME), -1, null);
    }

    private boolean exists() {
        return isTime || tag >= 0 || field != null;
    }

    Truth isNull() {
        if (!exists()) {
            return Truth.all(true, batch.rows());
        }
        if (tag >= 0) {
            int[] codes = batch.series().codes(tag);
            int[] series = batch.seriesOfRow();
            return each(row -> true, row -> codes[series[row]] == SeriesTable.ABSENT);
        }
        FieldColumn values = field;
        return values == null ? Truth.all(false, batch.rows()) : each(row -> true, values::isNull);
    }

    Truth test(ValueTest test) {
        if (isTime) {
            long[] times = batch.timeMicros();
            return test.appliesToTimes() ? each(row -> true, row -> test.ofTime(times[row])) : nothing();
        }
        if (tag >= 0) {
            return test.appliesTo(ColumnType.TAG) ? ofTag(test) : nothing();
        }
        FieldColumn values = field;
        return values != null && test.appliesTo(values.type()) ? ofField(values, test) : nothing();
    }

    private Truth nothing() {
        return Truth.unknown(batch.rows());
    }

    private Truth each(IntPredicate known, IntPredicate holds) {
        Truth truth = nothing();
        for (int row = 0; row < batch.rows(); row++) {
            if (known.test(row)) {
                truth.set(row, holds.test(row));
            }
        }
        return truth;
    }

    /** Tries each word of the tag once. */
    private Truth ofTag(ValueTest test) {
        Utf8Dictionary words = batch.series().dictionary(tag);
        long[] holds = ofWords(words, test);
        int[] codes = batch.series().codes(tag);
        int[] series = batch.seriesOfRow();
        return each(row -> codes[series[row]] != SeriesTable.ABSENT, row -> Bits.get(holds, codes[series[row]]));
    }

    private static long[] ofWords(Utf8Dictionary words, ValueTest test) {
        long[] holds = new long[Bits.words(words.size())];
        for (int code = 0; code < words.size(); code++) {
            if (test.ofText(words.bytes(), words.start(code), words.end(code))) {
                Bits.set(holds, code);
            }
        }
        return holds;
    }

    private Truth ofField(FieldColumn values, ValueTest test) {
        IntPredicate known = row -> !values.isNull(row);
        if (values instanceof DoubleColumn doubles) {
            return each(known, row -> test.ofDouble(doubles.values()[row]));
        }
        if (values instanceof LongColumn longs) {
            boolean unsigned = longs.type() == ColumnType.UINT64;
            return each(known, row -> test.ofLong(longs.values()[row], unsigned));
        }
        if (values instanceof BooleanColumn booleans) {
            return each(known, row -> test.ofBoolean(Bits.get(booleans.bits(), row)));
        }
        StringColumn strings = (StringColumn) values;
        int[] codes = strings.codes();
        if (codes != null) {
            long[] holds = ofWords(strings.texts(), test);
            return each(known, row -> Bits.get(holds, codes[row]));
        }
        return each(known, row -> test.ofText(strings.bytes(), strings.start(row), strings.end(row)));
    }
}
