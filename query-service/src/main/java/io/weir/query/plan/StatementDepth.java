package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Refuses statements that are nested so deeply that the engine's parser, which calls itself for each level, would run out of stack and
 * take the process with it. What it counts is more than the depth of the tree, and never less: all words of a row of operators, with
 * those of the rows around it. The tree itself is measured once there is one.
 */
final class StatementDepth {

    /** Shorter statements are never too deep. */
    private static final int SHORT = 2_000;

    private static final int MOST_WORDS = 6_000;
    private static final int MOST_LEVELS = 1_000;
    private static final int MOST_HOLDERS = 2_000;
    private static final Set<String> SEPARATORS =
            Set.of("and", "or", "when", "then", "else", "select", "union", "except", "intersect");

    /** Words of operators that hold a separator. */
    private static final Set<String> HOLDERS = Set.of("union", "except", "intersect", "between");

    private static final Set<String> OPENING = Set.of("(", "[", "{");
    private static final Set<String> CLOSING = Set.of(")", "]", "}");

    /** A row of operators that another stands in, and what it stands in by. */
    private record Level(int words, boolean isCase) {}

    private final Deque<Level> outer = new ArrayDeque<>();
    private int words;
    private int wordsOutside;
    private int holders;

    private StatementDepth() {}

    /** Measures a statement. @throws WeirException {@code sql-not-allowed} when it is too deep */
    static void check(String sql) {
        if (sql.length() > SHORT) {
            StatementDepth depth = new StatementDepth();
            SqlWords.of(sql).forEach(depth::count);
        }
    }

    private void count(SqlWords.Token token) {
        boolean isCase = token.word().equals("case");
        if (isCase || OPENING.contains(token.text())) {
            words++;
            outer.push(new Level(words, isCase));
            wordsOutside += words;
            words = 0;
        } else if (CLOSING.contains(token.text())) {
            while (isInCase()) {
                close();
            }
            close();
        } else if (token.word().equals("end") && isInCase()) {
            close();
        } else if (SEPARATORS.contains(token.word()) || token.is(",") || token.is(";")) {
            words = 0;
        } else {
            words++;
        }
        holders += HOLDERS.contains(token.word()) ? 1 : 0;
        if (outer.size() > MOST_LEVELS || words + wordsOutside > MOST_WORDS || holders > MOST_HOLDERS) {
            throw new WeirException(
                    QueryError.SQL_NOT_ALLOWED,
                    "the statement is nested too deeply (expected: at most " + MOST_LEVELS
                            + " levels, and rows of some thousand operators)");
        }
    }

    private boolean isInCase() {
        Level level = outer.peek();
        return level != null && level.isCase();
    }

    private void close() {
        Level level = outer.poll();
        if (level != null) {
            words = level.words();
            wordsOutside -= words;
        }
    }
}
