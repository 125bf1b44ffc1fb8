package io.weir.query.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a statement into words, names, texts and signs, with the depth of their parentheses, so that a place in it can be found. Decides
 * nothing: whatever is done at such a place is judged by the engine's parser afterwards.
 */
final class SqlWords {

    private final String sql;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int depth;

    private SqlWords(String sql) {
        this.sql = sql;
    }

    /**
     * One piece of a statement.
     *
     * @param text as written
     * @param word in lower case when it is a word without quotes, otherwise empty
     * @param start its first character
     * @param end the character behind it
     * @param depth parentheses and brackets open around it; those that open and close are outside of themselves
     */
    record Token(String text, String word, int start, int end, int depth) {

        boolean is(String sign) {
            return text.equals(sign);
        }
    }

    /** The pieces in order, without white space and comments. */
    static List<Token> of(String sql) {
        SqlWords words = new SqlWords(sql);
        while (words.at < sql.length()) {
            words.next();
        }
        return words.tokens;
    }

    private void next() {
        char c = sql.charAt(at);
        if (Character.isWhitespace(c)) {
            at++;
        } else if (sql.startsWith("--", at)) {
            lineComment();
        } else if (sql.startsWith("/*", at)) {
            comment();
        } else if (c == '\'' || c == '"' || c == '`') {
            add(quoted(at, c, false), false);
        } else if ((c == 'e' || c == 'E') && at + 1 < sql.length() && sql.charAt(at + 1) == '\'') {
            add(quoted(at + 1, '\'', true), false);
        } else if (c == '$' && dollarTag() != null) {
            String tag = String.valueOf(dollarTag());
            int end = sql.indexOf(tag, at + tag.length());
            add(end < 0 ? sql.length() : end + tag.length(), false);
        } else if (isNameStart(c)) {
            int end = at + 1;
            while (end < sql.length() && (isNameStart(sql.charAt(end)) || isDigit(sql.charAt(end)))) {
                end++;
            }
            add(end, true);
        } else {
            sign(c);
        }
    }

    private void sign(char c) {
        if (c == ')' || c == ']' || c == '}') {
            depth = Math.max(0, depth - 1);
        }
        add(at + 1, false);
        if (c == '(' || c == '[' || c == '{') {
            depth++;
        }
    }

    private void add(int end, boolean word) {
        String text = sql.substring(at, end);
        tokens.add(new Token(text, word ? text.toLowerCase(Locale.ROOT) : "", at, end, depth));
        at = end;
    }

    private int quoted(int quoteAt, char quote, boolean escapes) {
        int end = quoteAt + 1;
        while (end < sql.length()) {
            char c = sql.charAt(end);
            if (c == quote && end + 1 < sql.length() && sql.charAt(end + 1) == quote) {
                end += 2;
            } else if (c == quote) {
                return end + 1;
            } else {
                end += escapes && c == '\\' ? 2 : 1;
            }
        }
        return sql.length();
    }

    private void lineComment() {
        while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
            at++;
        }
    }

    private void comment() {
        int open = 0;
        do {
            if (sql.startsWith("/*", at)) {
                open++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                open--;
                at += 2;
            } else {
                at++;
            }
        } while (open > 0 && at < sql.length());
    }

    /** {@code $tag$} where one stands, otherwise null: {@code $1} and {@code $name} are parameters. */
    private @Nullable String dollarTag() {
        int end = at + 1;
        while (end < sql.length() && isInTag(sql.charAt(end), end == at + 1)) {
            end++;
        }
        return end < sql.length() && sql.charAt(end) == '$' ? sql.substring(at, end + 1) : null;
    }

    private static boolean isInTag(char c, boolean first) {
        return c != '$' && (isNameStart(c) || (!first && isDigit(c)));
    }

    private static boolean isNameStart(char c) {
        return c == '_' || c == '$' || c > 127 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
