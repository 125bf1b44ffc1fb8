package io.weir.storage.parquet.reading;

import java.util.Set;

/**
 * How a file is to be read.
 *
 * @param timeColumn name of the column that holds the time
 * @param tags names of the string columns that are tags
 * @param times what a time column of plain integers means
 * @param text checks string values
 * @param maxRowGroupBytes most bytes of a row group, compressed and not
 * @param maxColumns most columns of a file
 */
public record ParquetRowsOptions(
        String timeColumn,
        Set<String> tags,
        IntegerTimes times,
        TextCheck text,
        long maxRowGroupBytes,
        int maxColumns) {

    /** Copies the set. */
    public ParquetRowsOptions {
        tags = Set.copyOf(tags);
        if (maxRowGroupBytes < 1 || maxColumns < 1) {
            throw new IllegalArgumentException("limits of a Parquet file are " + maxRowGroupBytes + " bytes and "
                    + maxColumns + " columns (expected: at least 1 of each)");
        }
    }
}
