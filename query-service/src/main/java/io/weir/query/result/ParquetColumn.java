package io.weir.query.result;

import java.util.function.IntPredicate;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.Type;

/**
 * Writes the value of one column at a row to a Parquet file. Bound to the vectors of one result; not thread-safe.
 *
 * @param type the column in the file's schema
 * @param absent whether there is no value at a row
 * @param value writes the value at a row where there is one
 */
record ParquetColumn(Type type, IntPredicate absent, Value value) {

    /** Writes a value that is there. */
    @FunctionalInterface
    interface Value {
        void write(RecordConsumer out, int row);
    }

    /** Writes the column as field number {@code index} of its group, or leaves it out. */
    void write(RecordConsumer out, int index, int row) {
        if (!absent.test(row)) {
            out.startField(type.getName(), index);
            value.write(out, row);
            out.endField(type.getName(), index);
        }
    }
}
