package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Refuses statements that are nested so deeply that the engine's parser, which calls itself for each level, would run out of stack and
 * take the process with it, or that its planner would work on for minutes: types in one another take it more than the square of their
 * depth, and it copies what {@code CASE} compares for each {@code WHEN}. What it counts is more than the depth of the tree, and never
 * less: all words of a row of operators, with those of the rows around it. The tree itself is measured once there is one.
 */
final class StatementDepth {

    private static final int MOST_WORDS = 6_000;
    private static final int MOST_LEVELS = 1_000;
    private static final int MOST_BRACKETS = 64;
    private static final int MOST_HOLDERS = 2_000;
    private static final Set<String> SEPARATORS =
            Set.of("and", "or", "when", "then", "else", "select", "union", "except", "intersect");

    /** Words of operators that hold a separator. */
    private static final Set<String> HOLDERS = Set.of("union", "except", "intersect", "between");

    private static final Set<String> OPENING = Set.of("(", "[", "{");
    private static final Set<String> CLOSING = Set.of(")", "]", "}");

    /** A {@code CASE} or a pair of brackets, and the row of operators that it stands in. */
    private static final class Level {

        private final int words;
        private final boolean isCase;

        /** Branches of a {@code CASE} that compares something with each. */
        private int whens;

        private boolean comparing = true;

        /** How often the engine reads the most copied part of what the {@code CASE} compares, or of what is in the brackets. */
        private long copies = 1;

        private Level(int words, boolean isCase) {
            this.words = words;
            this.isCase = isCase;
        }
    }

    private final Deque<Level> outer = new ArrayDeque<>();
    private int words;
    private int wordsOutside;
    private int brackets;
    private int holders;

    private StatementDepth() {}

    /** Measures a statement. @throws WeirException {@code sql-not-allowed} when it is too deep */
    static void check(String sql) {
        if (sql.length() > MOST_BRACKETS) { // shorter ones are never too deep
            StatementDepth depth = new StatementDepth();
            SqlWords.of(sql).forEach(depth::count);
        }
    }

    private void count(SqlWords.Token token) {
        boolean isCase = token.word().equals("case");
        if (isCase || OPENING.contains(token.text())) {
            open(isCase);
        } else if (CLOSING.contains(token.text())) {
            while (isInCase()) {
                close();
            }
            close();
        } else if (token.word().equals("end") && isInCase()) {
            close();
        } else if (SEPARATORS.contains(token.word()) || token.is(",") || token.is(";")) {
            countWhen(token);
            words = 0;
        } else {
            words++;
        }
        holders += HOLDERS.contains(token.word()) ? 1 : 0;
        if (brackets > MOST_BRACKETS
                || outer.size() > MOST_LEVELS
                || words + wordsOutside > MOST_WORDS
                || holders > MOST_HOLDERS) {
            throw tooDeep();
        }
    }

    private static WeirException tooDeep() {
        return new WeirException(
                QueryError.SQL_NOT_ALLOWED,
                "the statement is nested too deeply (expected: at most " + MOST_BRACKETS
                        + " brackets in one another, and rows of some thousand operators)");
    }

    private void open(boolean isCase) {
        words++;
        outer.push(new Level(words, isCase));
        wordsOutside += words;
        words = 0;
        brackets += isCase ? 0 : 1;
    }

    private void countWhen(SqlWords.Token token) {
        Level level = outer.peek();
        if (level != null && level.isCase && token.word().equals("when")) {
            boolean compares = level.comparing ? words > 0 : level.whens > 0;
            level.whens += compares ? 1 : 0;
            level.comparing = false;
        }
    }

    private boolean isInCase() {
        Level level = outer.peek();
        return level != null && level.isCase;
    }

    private void close() {
        Level level = outer.poll();
        if (level != null) {
            words = level.words;
            wordsOutside -= words;
            brackets -= level.isCase ? 0 : 1;
            copied(level);
        }
    }

    /** What that level held is copied by the one around it, if that compares it. */
    private void copied(Level closed) {
        long times = closed.copies * Math.max(1, closed.whens);
        if (closed.copies > 1 && times > CopiedArguments.MOST_COPIES) {
            throw tooDeep();
        }
        Level around = outer.peek();
        if (around != null && around.comparing) {
            around.copies = Math.max(around.copies, times);
        }
    }
}
