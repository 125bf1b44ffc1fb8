package io.weir.r2dbc.sqlite;

import io.weir.r2dbc.sqlite.SqlToken.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Splits a script where SQLite would stop compiling, and numbers parameters as SQLite does. */
final class SqlScriptParser {
    /** SQLite's own limit on a parameter's number (SQLITE_MAX_VARIABLE_NUMBER). */
    private static final int MAX_PARAMETER = 32_766;

    private final String sql;
    private final List<SqlPart> parts = new ArrayList<>();
    private final Numbering script = new Numbering();
    private final SortedSet<Integer> used = new TreeSet<>();
    private final Map<String, Set<Integer>> names = new LinkedHashMap<>();

    private Numbering part = new Numbering();
    private List<Integer> slots = new ArrayList<>();
    private List<SqlToken> head = new ArrayList<>();
    private @Nullable SqlToken first;
    private @Nullable SqlToken last;
    private @Nullable SqlToken beforeLast;
    private int depth;
    private String verb = "";
    private boolean returning;

    SqlScriptParser(String sql) {
        this.sql = sql;
    }

    SqlScript parse() {
        SqlTokenizer tokenizer = new SqlTokenizer(sql);
        for (SqlToken token = tokenizer.next(); token != null; token = tokenizer.next()) {
            if (token.kind() == Kind.SEMICOLON && endsPart()) {
                finishPart();
            } else {
                take(token);
            }
        }
        finishPart();
        return new SqlScript(sql, List.copyOf(parts), used, names);
    }

    /** A trigger's body has semicolons of its own: it ends with {@code ; END ;}. */
    private boolean endsPart() {
        if (!isTrigger()) {
            return true;
        }
        return last != null && last.isWord("END") && beforeLast != null && beforeLast.kind() == Kind.SEMICOLON;
    }

    private boolean isTrigger() {
        int word = 0;
        if (isHead(word, "EXPLAIN")) {
            word += isHead(1, "QUERY") ? 3 : 1;
        }
        if (!isHead(word, "CREATE")) {
            return false;
        }
        word++;
        if (isHead(word, "TEMP") || isHead(word, "TEMPORARY")) {
            word++;
        }
        return isHead(word, "TRIGGER");
    }

    private boolean isHead(int index, String word) {
        return index < head.size() && head.get(index).isWord(word);
    }

    private void take(SqlToken token) {
        if (first == null) {
            first = token;
        }
        if (head.size() < 6) {
            head.add(token);
        }
        beforeLast = last;
        last = token;
        switch (token.kind()) {
            case OPEN -> depth++;
            case CLOSE -> depth--;
            case PARAMETER -> takeParameter(token.text());
            case WORD -> takeWord(token);
            default -> {
                // Neither numbers parameters nor decides what the statement is.
            }
        }
    }

    private void takeWord(SqlToken token) {
        String word = token.text().toUpperCase(Locale.ROOT);
        if (verb.isEmpty()) {
            verb = word;
        } else if (verb.equals("WITH") && depth == 0 && isMainVerb(word)) {
            verb = word;
        } else if (word.equals("RETURNING") && depth == 0 && !isTrigger()) {
            returning = true;
        }
    }

    private static boolean isMainVerb(String word) {
        return switch (word) {
            case "SELECT", "VALUES", "INSERT", "REPLACE", "UPDATE", "DELETE" -> true;
            default -> false;
        };
    }

    private void takeParameter(String text) {
        int own = part.number(text);
        int shared = script.number(text);
        while (slots.size() < own) {
            slots.add(-1);
        }
        slots.set(own - 1, shared - 1);
        used.add(shared - 1);
        if (text.charAt(0) != '?') {
            names.computeIfAbsent(text.substring(1), name -> new TreeSet<>()).add(shared - 1);
        }
    }

    private void finishPart() {
        if (first != null && last != null) {
            parts.add(new SqlPart(sql.substring(first.start(), last.end()), verb, returning, List.copyOf(slots)));
        }
        part = new Numbering();
        slots = new ArrayList<>();
        head = new ArrayList<>();
        first = null;
        last = null;
        beforeLast = null;
        depth = 0;
        verb = "";
        returning = false;
    }

    /** SQLite's numbers, from 1, of the parameters seen so far. */
    private static final class Numbering {
        private final Map<String, Integer> byName = new LinkedHashMap<>();
        private int highest;

        int number(String text) {
            int number;
            if (text.equals("?")) {
                number = highest + 1;
            } else if (text.charAt(0) == '?') {
                number = parse(text);
            } else {
                number = byName.computeIfAbsent(text, name -> highest + 1);
            }
            highest = Math.max(highest, number);
            return number;
        }

        private static int parse(String text) {
            int number = text.length() > 6 ? 0 : Integer.parseInt(text.substring(1));
            if (number < 1 || number > MAX_PARAMETER) {
                throw new IllegalArgumentException(
                        "parameter " + text + " (expected: a number from ?1 to ?" + MAX_PARAMETER + ")");
            }
            return number;
        }
    }
}
