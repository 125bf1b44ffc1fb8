package io.weir.storage.duckdb;

import java.util.Collection;
import java.util.stream.Collectors;

/** Quoting for SQL text that Weir itself writes. */
public final class SqlText {

    private SqlText() {}

    /** {@code name} as a quoted identifier. */
    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** {@code text} as a string literal. */
    public static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }

    /** The texts as a list literal of strings. */
    static String list(Collection<String> texts) {
        return texts.stream().map(SqlText::literal).collect(Collectors.joining(", ", "[", "]"));
    }
}
