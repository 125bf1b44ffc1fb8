package io.weir.r2dbc.sqlite;

/**
 * A piece of SQL that matters for splitting and binding; strings, comments and blanks are not tokens.
 *
 * @param kind what it is
 * @param text as written; for punctuation one character
 * @param end the position after it in the SQL
 */
record SqlToken(Kind kind, String text, int start, int end) {
    enum Kind {
        WORD,
        PARAMETER,
        SEMICOLON,
        OPEN,
        CLOSE,
        OTHER
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equalsIgnoreCase(word);
    }
}
