package io.weir.ingest.decode.arrow;

import io.weir.common.schema.ColumnType;
import io.weir.ingest.decode.Precision;
import org.jspecify.annotations.Nullable;

/**
 * One column of a stream's schema.
 *
 * @param name its name
 * @param role what it becomes
 * @param layout how its values, or the indexes of its values, lie in a record batch
 * @param dictionary the dictionary its indexes mean, or null when it holds its values itself
 * @param timeUnit the unit that the type of a time column says; null when it says none
 * @param stored type of the column in the measurement, or null when it is new there
 */
record ArrowColumn(
        String name,
        Role role,
        Layout layout,
        @Nullable TagDictionary dictionary,
        @Nullable Precision timeUnit,
        @Nullable ColumnType stored) {

    /** What a column of a stream becomes. */
    enum Role {
        TIME,
        TAG,
        FIELD
    }
}
