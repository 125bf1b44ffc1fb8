package io.weir.ingest.decode;

import io.weir.common.model.Names;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * Unwinds the reading of one bad line. Never leaves a decoder; carries no stack trace. What is wrong is put into words only
 * when it is asked for, since of many bad lines few are described; until then the buffer must stay as it is.
 */
public final class LineFault extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int SNIPPET_BYTES = 48;

    final LineError.Kind kind;
    final transient int position;
    private final transient Supplier<String> what;
    final String expected;
    /** Whether the line ends at its first newline, because a quoted string in it is broken, not where quotes say. */
    final boolean endsAtNewline;

    LineFault(LineError.Kind kind, int position, Supplier<String> what, String expected, boolean endsAtNewline) {
        super(null, null, false, false);
        this.kind = kind;
        this.position = position;
        this.what = what;
        this.expected = expected;
        this.endsAtNewline = endsAtNewline;
    }

    /** What is wrong, in words. */
    String what() {
        return what.get();
    }

    @Override
    public String getMessage() {
        return what();
    }

    /** Byte of the buffer at which reading stopped. */
    public int position() {
        return position;
    }

    /** Text that is not of the format; {@code position} is a byte of the buffer that holds the line. */
    public static LineFault syntax(int position, String what, String expected) {
        return syntax(position, () -> what, expected);
    }

    static LineFault syntax(int position, Supplier<String> what, String expected) {
        return new LineFault(LineError.Kind.SYNTAX, position, what, expected, false);
    }

    /** A name that cannot be one. */
    public static LineFault name(int position, String what, String expected) {
        return name(position, () -> what, expected);
    }

    static LineFault name(int position, Supplier<String> what, String expected) {
        return new LineFault(LineError.Kind.NAME, position, what, expected, false);
    }

    /** A number or time out of range. */
    public static LineFault range(int position, String what, String expected) {
        return range(position, () -> what, expected);
    }

    static LineFault range(int position, Supplier<String> what, String expected) {
        return new LineFault(LineError.Kind.RANGE, position, what, expected, false);
    }

    /** More than the server takes. */
    public static LineFault limit(int position, String what, String expected) {
        return limit(position, () -> what, expected);
    }

    static LineFault limit(int position, Supplier<String> what, String expected) {
        return new LineFault(LineError.Kind.LIMIT, position, what, expected, false);
    }

    /** A value of a type that its column does not have. */
    public static LineFault conflict(int position, String what, String expected) {
        return conflict(position, () -> what, expected);
    }

    static LineFault conflict(int position, Supplier<String> what, String expected) {
        return new LineFault(LineError.Kind.TYPE_CONFLICT, position, what, expected, false);
    }

    /** The text from {@code from} to the next space, comma or end of line, in quotes and shortened for a message. */
    static String word(byte[] buffer, int from, int limit) {
        int to = from;
        while (to < limit && buffer[to] != ' ' && buffer[to] != ',' && buffer[to] != '\n' && buffer[to] != '\r') {
            to++;
        }
        return quoted(buffer, from, to);
    }

    /** {@code buffer[from, to)} in quotes, shortened for a message. */
    public static String quoted(byte[] buffer, int from, int to) {
        int cut = Math.min(to, from + SNIPPET_BYTES);
        String text = Names.printable(new String(buffer, from, cut - from, StandardCharsets.UTF_8));
        return '"' + text + (cut < to ? "…\"" : "\"");
    }
}
