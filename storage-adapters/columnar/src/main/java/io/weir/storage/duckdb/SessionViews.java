package io.weir.storage.duckdb;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The measurements of one session by the names its statement has for them. A statement that begins with {@code SELECT} has
 * them as common table expressions put before it, which the engine binds once; a view is bound when it is made and again
 * when it is used. Any other has them as temporary views, which mean the same to it. Not thread-safe.
 */
final class SessionViews {

    private static final String SELECT = "SELECT";

    /** The engine makes several statements of a pivot, and takes the expressions to one of them only. */
    private static final String PIVOT = "PIVOT";

    private final Map<String, String> selects = new LinkedHashMap<>();

    /** Adds a measurement. */
    void add(String name, String select) {
        selects.put(name, select);
    }

    /** The statement with the measurements before it; null when it has to have views. */
    @Nullable
    String before(String sql) {
        String statement = sql.stripLeading();
        boolean plain = statement.regionMatches(true, 0, SELECT, 0, SELECT.length())
                && statement.length() > SELECT.length()
                && !Character.isUnicodeIdentifierPart(statement.charAt(SELECT.length()))
                && !statement.toUpperCase(Locale.ROOT).contains(PIVOT);
        if (!plain || selects.isEmpty()) {
            return null;
        }
        List<String> expressions = new ArrayList<>();
        selects.forEach(
                (name, select) -> expressions.add(SqlText.identifier(name) + " AS NOT MATERIALIZED (" + select + ")"));
        return "WITH " + String.join(", ", expressions) + ' ' + sql;
    }

    /** A statement for each view to be made, which then counts as made. */
    List<String> create() {
        List<String> statements = new ArrayList<>();
        selects.forEach(
                (name, select) -> statements.add("CREATE TEMP VIEW " + SqlText.identifier(name) + " AS " + select));
        selects.clear();
        return statements;
    }
}
