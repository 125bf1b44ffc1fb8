package io.weir.storage.catalog;

import io.weir.common.schema.Column;
import java.util.List;

/**
 * Columns that a measurement shall have.
 *
 * @param measurement name of the measurement, which is created if need be
 * @param columns columns; those that are there already with the same type stay as they are
 * @param nanos whether some row needs {@code time_nanos}
 */
public record NewColumns(String measurement, List<Column> columns, boolean nanos) {

    public NewColumns {
        columns = List.copyOf(columns);
    }
}
