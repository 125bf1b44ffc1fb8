package io.weir.common.schema;

import java.util.Locale;

/** What a column holds. The ordinal is not stored anywhere; {@link #code} is. */
public enum ColumnType {
    /** A tag: a UTF-8 string of low cardinality, kept as a dictionary code; part of the series key. */
    TAG(1, "VARCHAR"),
    /** Signed 64-bit integer field. */
    INT64(2, "BIGINT"),
    /** Unsigned 64-bit integer field, carried in a {@code long} by its bits. */
    UINT64(3, "UBIGINT"),
    /** IEEE 754 double field. */
    FLOAT64(4, "DOUBLE"),
    /** UTF-8 string field. */
    STRING(5, "VARCHAR"),
    /** Boolean field. */
    BOOLEAN(6, "BOOLEAN");

    private final int code;
    private final String sqlType;

    ColumnType(int code, String sqlType) {
        this.code = code;
        this.sqlType = sqlType;
    }

    /** Stable number of this type in the write-ahead log and the catalog. */
    public int code() {
        return code;
    }

    /** DuckDB's name of the type a query sees. */
    public String sqlType() {
        return sqlType;
    }

    /** The word users read in messages: {@code tag}, {@code integer}, {@code unsigned}, {@code float}, … */
    public String noun() {
        return switch (this) {
            case INT64 -> "integer";
            case UINT64 -> "unsigned";
            case FLOAT64 -> "float";
            default -> name().toLowerCase(Locale.ROOT);
        };
    }

    /** The type with that {@link #code}. @throws IllegalArgumentException for an unknown code */
    public static ColumnType ofCode(int code) {
        for (ColumnType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new IllegalArgumentException("unknown column type code " + code);
    }
}
