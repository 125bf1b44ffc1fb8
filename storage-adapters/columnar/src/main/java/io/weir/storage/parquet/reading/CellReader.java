package io.weir.storage.parquet.reading;

import io.weir.common.schema.ColumnType;
import org.apache.parquet.io.api.PrimitiveConverter;

/** Takes the values of one column, as a column reader decodes them, and puts them into the open row. */
abstract class CellReader extends PrimitiveConverter {

    /** Says what the column becomes in the batch that is begun. */
    abstract void begin(ColumnType type);

    /** Forgets what the row that was just undone brought into the batch. */
    abstract void undone();
}
