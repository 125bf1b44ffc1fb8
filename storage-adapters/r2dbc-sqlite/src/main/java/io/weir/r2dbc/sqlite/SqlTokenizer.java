package io.weir.r2dbc.sqlite;

import io.weir.r2dbc.sqlite.SqlToken.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tokens of SQLite's SQL, as far as a driver must know them: where strings, quoted names, comments and
 * parameters begin and end (SQLite documentation, "SQL As Understood By SQLite", literal values and bound parameters).
 */
final class SqlTokenizer {
    private final String sql;
    private int position;

    SqlTokenizer(String sql) {
        this.sql = sql;
    }

    /** The next token, or null at the end. An unterminated string or comment reaches to the end, and SQLite reports it. */
    @Nullable
    SqlToken next() {
        while (position < sql.length()) {
            int start = position;
            char c = sql.charAt(position);
            switch (c) {
                case '\'', '"', '`' -> {
                    skipQuoted(c);
                    return token(Kind.OTHER, start);
                }
                case '[' -> {
                    skipPast("]");
                    return token(Kind.OTHER, start);
                }
                case ';' -> {
                    return single(Kind.SEMICOLON);
                }
                case '(' -> {
                    return single(Kind.OPEN);
                }
                case ')' -> {
                    return single(Kind.CLOSE);
                }
                case '?' -> {
                    position++;
                    skipDigits();
                    return token(Kind.PARAMETER, start);
                }
                case ':', '@', '$' -> {
                    position++;
                    skipParameterName();
                    return token(position == start + 1 ? Kind.OTHER : Kind.PARAMETER, start);
                }
                case '-' -> {
                    if (!sql.startsWith("--", position)) {
                        return single(Kind.OTHER);
                    }
                    skipPast("\n");
                }
                case '/' -> {
                    if (!sql.startsWith("/*", position)) {
                        return single(Kind.OTHER);
                    }
                    position += 2;
                    skipPast("*/");
                }
                default -> {
                    if (Character.isWhitespace(c) || c == '\uFEFF') {
                        position++;
                    } else if (isNamePart(c)) {
                        skipName();
                        return token(Kind.WORD, start);
                    } else {
                        return single(Kind.OTHER);
                    }
                }
            }
        }
        return null;
    }

    private void skipQuoted(char quote) {
        position++;
        while (position < sql.length()) {
            if (sql.charAt(position++) != quote) {
                continue;
            }
            if (position >= sql.length() || sql.charAt(position) != quote) {
                return;
            }
            // A doubled quote stands for itself.
            position++;
        }
    }

    private void skipPast(String terminator) {
        int found = sql.indexOf(terminator, position);
        position = found < 0 ? sql.length() : found + terminator.length();
    }

    private void skipDigits() {
        while (position < sql.length() && isDigit(sql.charAt(position))) {
            position++;
        }
    }

    private void skipName() {
        while (position < sql.length() && isNamePart(sql.charAt(position))) {
            position++;
        }
    }

    /** A parameter's name may have {@code ::} in it, where a plain name ends. */
    private void skipParameterName() {
        skipName();
        while (sql.startsWith("::", position)) {
            position += 2;
            skipName();
        }
    }

    /** SQLite takes every character beyond ASCII for a letter, and '$' inside a name. */
    private static boolean isNamePart(char c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c > 0x7f;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private SqlToken single(Kind kind) {
        position++;
        return token(kind, position - 1);
    }

    private SqlToken token(Kind kind, int start) {
        return new SqlToken(kind, sql.substring(start, position), start, position);
    }
}
