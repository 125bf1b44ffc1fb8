package io.weir.storage.catalog;

import io.r2dbc.spi.Readable;

/** Reads columns that are never null, and numbers whatever width the database gives them. */
final class Rows {

    private Rows() {}

    static Object required(Readable row, int index) {
        Object value = row.get(index);
        if (value == null) {
            throw new IllegalStateException("column " + index + " is null");
        }
        return value;
    }

    static long number(Readable row, int index) {
        return ((Number) required(row, index)).longValue();
    }

    /** A file, from a row that begins with its key, earliest and latest time, rows and bytes. */
    static DataFile file(Readable row) {
        return new DataFile(text(row, 0), number(row, 1), number(row, 2), number(row, 3), number(row, 4));
    }

    static String text(Readable row, int index) {
        return (String) required(row, index);
    }
}
