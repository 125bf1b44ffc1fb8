package io.weir.r2dbc.sqlite;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/**
 * SQL as given to a statement: one or more parts, and the parameters they share, numbered from 0.
 *
 * <p>{@code ?} is the next number, {@code ?7} is number 7, and a name is the same number wherever it appears in the
 * script, so that several statements bind as one.
 *
 * @param sql as given
 * @param parts in order; empty when there is nothing but blanks and comments
 * @param used the indices that some part uses
 * @param names index or indices by name, without prefix
 */
record SqlScript(String sql, List<SqlPart> parts, SortedSet<Integer> used, Map<String, Set<Integer>> names) {

    static SqlScript parse(String sql) {
        return new SqlScriptParser(sql).parse();
    }

    /** The indices a name stands for, given with or without its prefix; empty when there is no such name. */
    Collection<Integer> indicesOf(String name) {
        Set<Integer> exact = names.get(name);
        if (exact != null) {
            return exact;
        }
        return name.length() > 1 && ":@$".indexOf(name.charAt(0)) >= 0
                ? names.getOrDefault(name.substring(1), Set.of())
                : Set.of();
    }

    /** Every name that can be bound, for messages. */
    List<String> bindableNames() {
        return new ArrayList<>(names.keySet());
    }
}
