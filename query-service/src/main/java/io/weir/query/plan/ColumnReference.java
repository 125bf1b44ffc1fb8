package io.weir.query.plan;

import java.util.List;

/**
 * A column named with its measurement and its database: {@code db.m.column}, or a part of its value.
 *
 * @param parts at least three
 * @param startByte where it starts in the statement's UTF-8
 */
record ColumnReference(List<String> parts, int startByte) {

    /** Whether it is of that measurement of that database. */
    boolean isOf(String database, String measurement) {
        return EngineNames.same(parts.get(0), database) && EngineNames.same(parts.get(1), measurement);
    }
}
