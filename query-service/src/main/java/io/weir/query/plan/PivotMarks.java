package io.weir.query.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes a {@code PIVOT} whose columns come from the data readable for the fence. The engine turns such a statement into several
 * before there is a tree to look at, unless its columns are listed. So each expression behind its {@code ON} is given a list of one
 * value that is ours; the tree of that text is what the fence judges, with every expression, source and function in its place, and
 * what is executed is the same text without the marks. Where the marks stand is found by words; that they stand where they should is
 * told by the tree, in which each must be the only entry of a pivot.
 *
 * @param sql the statement with its marks
 * @param mark the value they hold, found nowhere in the statement as sent; empty when there are none
 * @param count how many there are
 */
record PivotMarks(String sql, String mark, int count) {

    private static final String NAME = "__weir_pivot_";
    private static final Set<String> PIVOTS = Set.of("pivot", "pivot_wider");
    private static final Set<String> ENDS =
            Set.of("using", "group", "order", "limit", "offset", "union", "except", "intersect");

    /** A statement without marks. */
    static PivotMarks none(String sql) {
        return new PivotMarks(sql, "", 0);
    }

    /** Marks every expression behind the {@code ON} of every {@code PIVOT}. */
    static PivotMarks of(String sql) {
        int number = 0;
        while (sql.contains(NAME + number + '_')) {
            number++;
        }
        String mark = NAME + number + '_';
        List<SqlWords.Token> tokens = SqlWords.of(sql);
        List<int[]> places = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            if (PIVOTS.contains(tokens.get(i).word()) && isStatement(tokens, i)) {
                expressions(tokens, on(tokens, i), places);
            }
        }
        places.sort((a, b) -> Integer.compare(a[0], b[0]));
        return new PivotMarks(marked(sql, mark, places), mark, places.size());
    }

    /** The text that was marked, or one made of it, without the marks. */
    String unmarked(String text) {
        return mark.isEmpty() ? text : text.replace(before(mark), "").replace(after(mark), "");
    }

    private static String before(String mark) {
        return "(/*" + mark + "*/";
    }

    private static String after(String mark) {
        return ") IN ('" + mark + "')";
    }

    /** Whether it begins a statement, and is not the word behind a relation. */
    private static boolean isStatement(List<SqlWords.Token> tokens, int at) {
        if (at == 0) {
            return true;
        }
        SqlWords.Token previous = tokens.get(at - 1);
        return previous.is("(") || (previous.is(")") && !namesItsColumn(tokens, at + 1));
    }

    /** Whether parentheses with a {@code FOR} begin there: those of a {@code PIVOT} behind a relation. */
    private static boolean namesItsColumn(List<SqlWords.Token> tokens, int at) {
        if (at >= tokens.size() || !tokens.get(at).is("(")) {
            return false;
        }
        int depth = tokens.get(at).depth();
        for (int i = at + 1; i < tokens.size() && tokens.get(i).depth() > depth; i++) {
            if (tokens.get(i).depth() == depth + 1 && tokens.get(i).word().equals("for")) {
                return true;
            }
        }
        return false;
    }

    /** The last {@code ON} of a {@code PIVOT}: those before are of joins in its source. */
    private static int on(List<SqlWords.Token> tokens, int pivot) {
        int depth = tokens.get(pivot).depth();
        int last = tokens.size();
        for (int i = pivot + 1; i < tokens.size(); i++) {
            SqlWords.Token token = tokens.get(i);
            if (token.depth() < depth
                    || (token.depth() == depth && isEnd(token) && !token.word().equals("using"))) {
                break;
            }
            if (token.depth() == depth && token.word().equals("on")) {
                last = i;
            }
        }
        return last;
    }

    private static void expressions(List<SqlWords.Token> tokens, int on, List<int[]> into) {
        if (on >= tokens.size()) {
            return;
        }
        int depth = tokens.get(on).depth();
        int first = on + 1;
        for (int i = on + 1; i <= tokens.size(); i++) {
            boolean over = i == tokens.size() || tokens.get(i).depth() < depth || isEnd(tokens.get(i), depth);
            if (over || (tokens.get(i).depth() == depth && tokens.get(i).is(","))) {
                if (i > first) {
                    into.add(new int[] {
                        tokens.get(first).start(), tokens.get(i - 1).end()
                    });
                }
                first = i + 1;
            }
            if (over) {
                return;
            }
        }
    }

    private static boolean isEnd(SqlWords.Token token, int depth) {
        return token.depth() == depth && isEnd(token);
    }

    private static boolean isEnd(SqlWords.Token token) {
        return ENDS.contains(token.word()) || token.is(";");
    }

    private static String marked(String sql, String mark, List<int[]> places) {
        StringBuilder text = new StringBuilder(sql.length() + places.size() * 64);
        int from = 0;
        for (int[] place : places) {
            if (place[0] < from) {
                continue; // inside of one that is marked: it has its own list then
            }
            text.append(sql, from, place[0])
                    .append(before(mark))
                    .append(sql, place[0], place[1])
                    .append(after(mark));
            from = place[1];
        }
        return text.append(sql, from, sql.length()).toString();
    }
}
