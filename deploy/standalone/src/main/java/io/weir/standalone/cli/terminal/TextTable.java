package io.weir.standalone.cli.terminal;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Prints a result as an aligned table: names, types, a rule, rows; numbers to the right. Column widths are taken from
 * the first {@value #MEASURED_ROWS} rows; later rows are printed as they come, so that a result of any length needs
 * little memory, at the price that a later wider cell stands out of its column.
 */
public final class TextTable implements ResultSink {

    static final int MEASURED_ROWS = 1_000;
    private static final int MAX_CELL = 80;
    private static final Pattern NUMBER = Pattern.compile(
            "(U?(TINY|SMALL|BIG|HUGE)?INT(EGER|\\d+)?|FLOAT\\d*|DOUBLE|REAL|DECIMAL.*)", Pattern.CASE_INSENSITIVE);

    private final PrintWriter out;
    private final boolean unicode;
    private final String indent;
    private final List<List<String>> waiting = new ArrayList<>();
    private List<String> names = List.of();
    private List<String> types = List.of();
    private int[] widths = {};
    private boolean headPrinted;
    private long rows;

    /** A table printer to {@code out}, which it does not close; every line starts with {@code indent}. */
    public TextTable(PrintWriter out, boolean unicode, String indent) {
        this.out = out;
        this.unicode = unicode;
        this.indent = indent;
    }

    /** Rows taken so far. */
    public long rows() {
        return rows;
    }

    @Override
    public void columns(List<String> columnNames, List<String> columnTypes) {
        names = columnNames.stream().map(TextTable::shown).toList();
        types = columnTypes.stream().map(TextTable::shown).toList();
    }

    @Override
    public void row(List<@Nullable String> cells) {
        rows++;
        List<String> row = cells.stream().map(TextTable::shown).toList();
        if (headPrinted) {
            print(row);
            return;
        }
        waiting.add(row);
        if (waiting.size() == MEASURED_ROWS) {
            printWaiting();
        }
    }

    @Override
    public void end() {
        if (!headPrinted) {
            printWaiting();
        }
        out.flush();
    }

    private void printWaiting() {
        widths = new int[names.size()];
        Stream.concat(Stream.of(names, types), waiting.stream()).forEach(this::widen);
        print(names);
        if (!types.isEmpty()) {
            print(types);
        }
        String dash = unicode ? "─" : "-";
        List<String> rules =
                Arrays.stream(widths).mapToObj(width -> dash.repeat(width + 2)).toList();
        out.println(indent + String.join(unicode ? "┼" : "+", rules));
        waiting.forEach(this::print);
        waiting.clear();
        headPrinted = true;
    }

    private void widen(List<String> row) {
        for (int i = 0; i < Math.min(row.size(), widths.length); i++) {
            widths[i] = Math.max(widths[i], width(row.get(i)));
        }
    }

    private void print(List<String> row) {
        StringBuilder line = new StringBuilder(indent);
        for (int i = 0; i < row.size(); i++) {
            String cell = row.get(i);
            String gap = " ".repeat(Math.max(0, (i < widths.length ? widths[i] : 0) - width(cell)));
            line.append(i == 0 ? " " : unicode ? "│ " : "| ");
            line.append(isNumber(i) ? gap + cell : cell + gap).append(' ');
        }
        out.println(line.toString().stripTrailing());
    }

    private boolean isNumber(int column) {
        return column < types.size() && NUMBER.matcher(types.get(column)).matches();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /** A cell fit for one line: control characters replaced, long text cut with an ellipsis. */
    private static String shown(@Nullable String cell) {
        if (cell == null) {
            return "NULL";
        }
        StringBuilder text = new StringBuilder();
        cell.codePoints()
                .limit(MAX_CELL)
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .forEach(text::appendCodePoint);
        return width(cell) > MAX_CELL ? text.append('…').toString() : text.toString();
    }
}
