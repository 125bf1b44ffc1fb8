package io.weir.r2dbc.sqlite;

import java.util.List;
import java.util.Set;

/**
 * One statement of a script, as SQLite compiles it.
 *
 * @param sql its text, without the semicolon
 * @param verb its first keyword in upper case; that of the main statement after WITH; empty when there is none
 * @param returning whether it has a RETURNING clause
 * @param slots for each of its own parameters, in SQLite's numbering, the index in the script's; -1 for a number never used
 */
record SqlPart(String sql, String verb, boolean returning, List<Integer> slots) {
    private static final Set<String> CHANGING = Set.of("INSERT", "REPLACE", "UPDATE", "DELETE");

    /** Whether it inserts, updates or deletes rows, so that it has a count. */
    boolean changesRows() {
        return CHANGING.contains(verb);
    }

    /** The same statement answering the changed rows: the given columns, or all when there are none. */
    SqlPart returning(List<String> columns) {
        if (returning || !changesRows()) {
            return this;
        }
        String list = columns.isEmpty()
                ? "*"
                : String.join(", ", columns.stream().map(SqlPart::quoted).toList());
        // On a line of its own: the statement may end in a comment.
        return new SqlPart(sql + "\nRETURNING " + list, verb, true, slots);
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
