package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.RowMetadata;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;

/** The columns of a result, by position and by name in any case; the first of two with the same name wins. */
final class SqliteRowMetadata implements RowMetadata {
    private final List<SqliteColumnMetadata> columns;
    private final Map<String, Integer> positions = new HashMap<>();

    SqliteRowMetadata(List<SqliteColumnMetadata> columns) {
        this.columns = List.copyOf(columns);
        for (int i = 0; i < columns.size(); i++) {
            positions.putIfAbsent(key(columns.get(i).name()), i);
        }
    }

    static SqliteRowMetadata read(ResultSet rows) throws SQLException {
        ResultSetMetaData jdbc = rows.getMetaData();
        List<SqliteColumnMetadata> columns = new ArrayList<>();
        for (int i = 0; i < jdbc.getColumnCount(); i++) {
            columns.add(SqliteColumnMetadata.read(jdbc, i));
        }
        return new SqliteRowMetadata(columns);
    }

    @Override
    public SqliteColumnMetadata getColumnMetadata(int index) {
        if (index < 0 || index >= columns.size()) {
            throw new IndexOutOfBoundsException(
                    "column index " + index + " (expected: 0 to " + (columns.size() - 1) + ")");
        }
        return columns.get(index);
    }

    @Override
    public SqliteColumnMetadata getColumnMetadata(String name) {
        return columns.get(position(name));
    }

    @Override
    public List<SqliteColumnMetadata> getColumnMetadatas() {
        return columns;
    }

    @Override
    public boolean contains(String columnName) {
        return positions.containsKey(key(columnName));
    }

    int position(String name) {
        if (name == null) {
            throw new IllegalArgumentException("column name is null (expected: a name)");
        }
        Integer position = positions.get(key(name));
        if (position == null) {
            throw new NoSuchElementException("column \"" + name + "\" (expected one of "
                    + columns.stream().map(SqliteColumnMetadata::name).toList() + ")");
        }
        return position;
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
