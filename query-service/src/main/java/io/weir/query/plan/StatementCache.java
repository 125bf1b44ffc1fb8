package io.weir.query.plan;

import io.weir.common.error.WeirException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The statements read last, since clients send the same text again and again, and what a text means to the parser never changes. Holds
 * nothing of a measurement or of an answer. The one used longest ago is forgotten first, so that all texts together stay within
 * 50,000 characters. Thread-safe.
 */
public final class StatementCache {

    private static final int MOST_CHARACTERS = 50_000;
    private static final int LONGEST = 4_096;

    private final Map<String, ParsedStatement> statements = new LinkedHashMap<>(16, 0.75f, true);
    private int characters;

    /**
     * The statement as {@link StatementParser#read} reads it.
     *
     * @throws WeirException {@code sql-syntax} or {@code sql-not-allowed}, with the position where there is one
     */
    public ParsedStatement read(String sql, StatementParser.Trees trees) throws SQLException {
        ParsedStatement known = find(sql);
        if (known == null) {
            known = StatementParser.read(sql, trees);
            keep(sql, known);
        }
        return known;
    }

    private synchronized @Nullable ParsedStatement find(String sql) {
        return statements.get(sql);
    }

    private synchronized void keep(String sql, ParsedStatement statement) {
        if (sql.length() > LONGEST || statements.put(sql, statement) != null) {
            return;
        }
        characters += sql.length();
        var oldest = statements.keySet().iterator();
        while (characters > MOST_CHARACTERS) {
            characters -= oldest.next().length();
            oldest.remove();
        }
    }
}
