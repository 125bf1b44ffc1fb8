package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.Result;
import io.r2dbc.spi.Row;
import io.r2dbc.spi.RowMetadata;
import org.jspecify.annotations.Nullable;

/** A row, copied out of SQLite: immutable, valid after its result and connection are closed. */
final class SqliteRow implements Row, Result.RowSegment {
    private final SqliteRowMetadata metadata;
    private final @Nullable Object[] values;

    /** Takes ownership of {@code values}: Long, Double, String, byte[] or null. */
    SqliteRow(SqliteRowMetadata metadata, @Nullable Object[] values) {
        this.metadata = metadata;
        this.values = values;
    }

    @Override
    public Row row() {
        return this;
    }

    @Override
    public RowMetadata getMetadata() {
        return metadata;
    }

    @Override
    public <T> @Nullable T get(int index, Class<T> type) {
        SqliteColumnMetadata column = metadata.getColumnMetadata(index);
        if (type == null) {
            throw new IllegalArgumentException("type is null (expected: a class) for column \"" + column.name() + "\"");
        }
        Object stored = values[index];
        return stored == null ? null : ValueDecoder.decode(stored, type, column);
    }

    @Override
    public <T> @Nullable T get(String name, Class<T> type) {
        return get(metadata.position(name), type);
    }
}
