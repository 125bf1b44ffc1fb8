package io.weir.standalone.cli.terminal;

import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prints a result as CSV (RFC 4180, but with a line feed alone at line ends): a header, then each row as it comes. NULL
 * is an empty cell and an empty string is {@code ""}, so the two stay apart.
 */
public final class CsvOutput implements ResultSink {

    private final PrintWriter out;

    /** A CSV printer to {@code out}, which it does not close. */
    public CsvOutput(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void columns(List<String> names, List<String> types) {
        line(names);
    }

    @Override
    public void row(List<@Nullable String> cells) {
        line(cells);
    }

    @Override
    public void end() {
        out.flush();
    }

    private void line(List<? extends @Nullable String> cells) {
        for (int i = 0; i < cells.size(); i++) {
            if (i > 0) {
                out.print(',');
            }
            String cell = cells.get(i);
            if (cell != null) {
                out.print(quoted(cell));
            }
        }
        out.print('\n');
    }

    private static String quoted(String cell) {
        boolean plain = !cell.isEmpty();
        for (int i = 0; plain && i < cell.length(); i++) {
            char c = cell.charAt(i);
            plain = c != '"' && c != ',' && c != '\n' && c != '\r';
        }
        return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
