package io.weir.ingest.decode;

/**
 * Cuts a file into pieces of whole rows, so that the same bytes give the same pieces whenever they are read again. Where
 * no row ends within a piece, because a quote is never closed, the piece is its first line, which is then a bad row.
 */
public final class RowEnds {

    private RowEnds() {}

    /** Position after the last whole line of line protocol in {@code buffer[0, length)}; 0 when not even a newline is there. */
    public static int ofLines(byte[] buffer, int length) {
        LineEnd end = new LineEnd();
        int at = 0;
        for (int next = end.find(buffer, 0, length); next >= 0; next = end.find(buffer, at, length)) {
            at = next;
        }
        return at > 0 ? at : Words.indexOf(buffer, '\n', 0, length) + 1;
    }

    /** Position after the last whole row of CSV in {@code buffer[0, length)}; 0 when not even a newline is there. */
    public static int ofCsv(byte[] buffer, int length, byte delimiter) {
        CsvRow row = new CsvRow(delimiter);
        int at = 0;
        int next = row.read(buffer, 0, length);
        while (row.isComplete()) {
            at = next;
            next = row.read(buffer, at, length);
        }
        return at > 0 ? at : Words.indexOf(buffer, '\n', 0, length) + 1;
    }

    /** Newlines in {@code buffer[from, to)}. */
    public static int newlines(byte[] buffer, int from, int to) {
        int newlines = 0;
        for (int at = from; (at = Words.indexOf(buffer, '\n', at, to)) >= 0; at++) {
            newlines++;
        }
        return newlines;
    }
}
