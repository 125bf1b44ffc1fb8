package io.weir.storage.duckdb;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** One statement and its reader: executes on the first demand, then reads an element for each. Belongs to a worker. */
final class ResultStream<T> {

    private final String sql;
    private final List<@Nullable Object> parameters;
    private final ResultReader<T> reader;
    private @Nullable ResultCursor cursor;

    ResultStream(String sql, List<@Nullable Object> parameters, ResultReader<T> reader) {
        this.sql = sql;
        this.parameters = parameters;
        this.reader = reader;
    }

    @Nullable
    T next(SessionConnection connection, BufferAllocator allocator) throws SQLException, IOException {
        ResultCursor open = cursor;
        if (open == null) {
            open = connection.open(sql, parameters, allocator.newChildAllocator("query", 0, Long.MAX_VALUE));
            cursor = open;
        }
        return reader.read(open);
    }
}
