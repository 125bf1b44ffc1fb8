package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.util.Locale;

/**
 * The word before a statement that asks for its plan. The engine gives no parse tree for it, so it is taken off before
 * the statement is parsed, and put back when that is allowed; whatever else stands there is the parser's business.
 *
 * @param words {@code EXPLAIN }; empty when it is not there
 * @param statement the rest
 */
record ExplainPrefix(String words, String statement) {

    private static final String EXPLAIN = "EXPLAIN";
    private static final String ANALYZE = "ANALYZE";

    /** Splits a statement. @throws WeirException {@code sql-not-allowed} for {@code EXPLAIN ANALYZE} */
    static ExplainPrefix of(String sql) {
        String rest = sql.stripLeading();
        if (!startsWith(rest, EXPLAIN)) {
            return new ExplainPrefix("", sql);
        }
        rest = rest.substring(EXPLAIN.length()).stripLeading();
        if (startsWith(rest, ANALYZE)) {
            throw new WeirException(
                    QueryError.SQL_NOT_ALLOWED,
                    "EXPLAIN ANALYZE is not supported: it would tell the server's paths (expected: EXPLAIN)");
        }
        return new ExplainPrefix(EXPLAIN + ' ', rest);
    }

    /** The parsed rest, asked for its plan if these words ask for it. @throws WeirException {@code sql-not-allowed} */
    ParsedStatement over(ParsedStatement parsed) {
        if (words.isEmpty()) {
            return parsed;
        }
        if (parsed instanceof ParsedStatement.Select select) {
            return select.explained(words);
        }
        throw new WeirException(QueryError.SQL_NOT_ALLOWED, "EXPLAIN takes a SELECT, WITH, FROM or VALUES statement");
    }

    private static boolean startsWith(String text, String word) {
        return text.length() > word.length()
                && text.substring(0, word.length()).toUpperCase(Locale.ROOT).equals(word)
                && Character.isWhitespace(text.charAt(word.length()));
    }
}
