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

    static String text(Readable row, int index) {
        return (String) required(row, index);
    }
}
