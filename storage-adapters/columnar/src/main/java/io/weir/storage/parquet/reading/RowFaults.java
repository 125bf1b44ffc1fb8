package io.weir.storage.parquet.reading;

/** Hears of rows that are left out. */
@FunctionalInterface
public interface RowFaults {

    /**
     * A row is left out.
     *
     * @param row number of the row in the file, from 1
     * @param message what, where and what was expected
     */
    void add(long row, String message);
}
