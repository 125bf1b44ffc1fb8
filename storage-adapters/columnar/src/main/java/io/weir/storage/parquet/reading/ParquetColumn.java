package io.weir.storage.parquet.reading;

import io.weir.common.schema.ColumnType;
import org.apache.parquet.column.ColumnDescriptor;

/**
 * One column of a file.
 *
 * @param descriptor where it is
 * @param role what it is for
 * @param type what its values are: {@code TAG} when it was named a tag; INT64 for time and nanoseconds
 * @param nanosPerUnit nanoseconds in a unit of a time column, 0 when integers tell otherwise; 0 for others
 */
record ParquetColumn(ColumnDescriptor descriptor, Role role, ColumnType type, long nanosPerUnit) {

    /** What a column is for. */
    enum Role {
        TIME,
        /** The 0 to 999 nanoseconds that a data file of Weir keeps beside its microseconds. */
        NANOS,
        VALUE
    }

    String name() {
        return descriptor.getPath()[0];
    }
}
