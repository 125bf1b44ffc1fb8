package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of line protocol into chunks of whole lines, holding about two chunks in memory whatever the length of
 * the stream. For one thread; the caller closes the stream.
 */
public final class LineChunks {

    /** The longest single line that is sent. */
    static final int MAX_LINE_BYTES = 16 << 20;

    private final InputStream in;
    private final int maxLines;
    private final int maxBytes;
    private final LineScanner scanner = new LineScanner();
    private byte[] buffer;
    private int filled;
    private boolean exhausted;
    private long nextLine = 1;

    // Of the chunk being cut: the position after its last whole line, and what stands before it.
    private int cut;
    private int lines;
    private int points;

    /** Chunks of at most {@code maxLines} lines and about {@code maxBytes}, except that a longer line goes alone. */
    public LineChunks(InputStream in, int maxLines, int maxBytes) {
        this.in = in;
        this.maxLines = maxLines;
        this.maxBytes = maxBytes;
        this.buffer = new byte[maxBytes];
    }

    /** The next chunk, or null at the end of the stream. */
    @Nullable
    LineChunk next() throws IOException {
        cut = 0;
        lines = 0;
        points = 0;
        scanner.reset();
        int scanned = 0;
        while (true) {
            scanned = scan(scanned);
            if (lines == maxLines || (cut > 0 && filled >= maxBytes)) {
                return take(cut);
            }
            if (exhausted) {
                return takeRest();
            }
            if (filled == buffer.length) {
                grow();
            }
            fill();
        }
    }

    private int scan(int from) {
        int at = from;
        while (at < filled && lines < maxLines && cut < maxBytes) {
            if (scanner.endsLine(buffer[at++])) {
                endLine(at);
            }
        }
        return at;
    }

    private void endLine(int at) {
        cut = at;
        lines++;
        points += scanner.holdsPoint() ? 1 : 0;
        scanner.reset();
    }

    /** The end of the stream ends the last line, also one that lacks its line feed. */
    private @Nullable LineChunk takeRest() {
        if (cut < filled) {
            endLine(filled);
        }
        return cut == 0 ? null : take(cut);
    }

    private LineChunk take(int length) {
        byte[] taken = Arrays.copyOf(buffer, length);
        System.arraycopy(buffer, length, buffer, 0, filled - length);
        filled -= length;
        // Counted in line feeds, as an editor does, not in points: a string may span several lines.
        int feeds = 0;
        for (byte b : taken) {
            feeds += b == '\n' ? 1 : 0;
        }
        int span = feeds + (taken[length - 1] == '\n' ? 0 : 1);
        LineChunk chunk = new LineChunk(taken, nextLine, span, points);
        nextLine += span;
        return chunk;
    }

    private void fill() throws IOException {
        int read = in.read(buffer, filled, buffer.length - filled);
        if (read < 0) {
            exhausted = true;
        } else {
            filled += read;
        }
    }

    private void grow() {
        if (buffer.length >= MAX_LINE_BYTES) {
            throw CommandFailure.refused("Line " + Figures.count(nextLine) + " is longer than "
                    + Figures.bytes(MAX_LINE_BYTES) + " (perhaps a string field lacks its closing quote)");
        }
        buffer = Arrays.copyOf(buffer, Math.min(MAX_LINE_BYTES, buffer.length * 2));
    }
}
