package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.Type;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * The type of a column: its affinity, found from the declared type by SQLite's rules ("Datatypes In SQLite", section
 * 3.1). A row may hold a value of another type.
 *
 * @param name the declared type in upper case
 * @param javaType what reading a value of this affinity gives; Object when any type is as likely
 */
record SqliteType(String name, Class<?> javaType) implements Type {

    static SqliteType of(String declared) {
        String name = declared.toUpperCase(Locale.ROOT);
        return new SqliteType(name, javaType(name));
    }

    private static Class<?> javaType(String name) {
        if (name.contains("INT")) {
            return name.contains("BIG") || name.contains("INT8") ? Long.class : Integer.class;
        }
        if (name.contains("CHAR") || name.contains("CLOB") || name.contains("TEXT")) {
            return String.class;
        }
        if (name.contains("BLOB")) {
            return ByteBuffer.class;
        }
        if (name.contains("REAL") || name.contains("FLOA") || name.contains("DOUB")) {
            return Double.class;
        }
        return Object.class;
    }

    @Override
    public Class<?> getJavaType() {
        return javaType;
    }

    @Override
    public String getName() {
        return name;
    }
}
