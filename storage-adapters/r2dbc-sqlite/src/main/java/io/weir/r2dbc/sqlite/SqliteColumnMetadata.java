package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.ColumnMetadata;
import io.r2dbc.spi.Type;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;

/**
 * A column of a result.
 *
 * @param name its label in the query
 * @param type its declared type; for an expression the type of the value in the first row
 * @param isNarrowInteger whether it is declared an integer of 32 bits or of no size, so that small values read as Integer
 */
record SqliteColumnMetadata(String name, SqliteType type, boolean isNarrowInteger) implements ColumnMetadata {

    /** Reads column {@code index}, counted from 0; the result must stand on its first row. */
    static SqliteColumnMetadata read(ResultSetMetaData jdbc, int index) throws SQLException {
        String name = jdbc.getColumnLabel(index + 1);
        SqliteType type = SqliteType.of(jdbc.getColumnTypeName(index + 1));
        boolean isExpression = jdbc.getTableName(index + 1).isEmpty();
        if (!isExpression) {
            return new SqliteColumnMetadata(name, type, type.javaType() == Integer.class);
        }
        // count(*), max(id) and the like always read as Long: an int that turns into a long one day breaks callers.
        return new SqliteColumnMetadata(
                name, type.javaType() == Integer.class ? new SqliteType(type.name(), Long.class) : type, false);
    }

    @Override
    public Class<?> getJavaType() {
        return type.javaType();
    }

    @Override
    public Type getType() {
        return type;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public Object getNativeTypeMetadata() {
        return type.name();
    }
}
