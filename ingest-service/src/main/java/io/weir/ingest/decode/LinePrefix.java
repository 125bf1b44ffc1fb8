package io.weir.ingest.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every line of a body is to begin with besides what it says itself: tags that came another way, such as the topic
 * of a message, and perhaps a measurement in place of its own. Immutable and thread-safe.
 *
 * <pre>
 *   room,floor=2 temp=21.5          with device=d7
 *   room,device=d7,floor=2 temp=21.5
 * </pre>
 */
public final class LinePrefix {

    private static final byte[] NOTHING = {};

    private final byte @Nullable [] measurement;
    private final byte[] tags;

    private LinePrefix(byte @Nullable [] measurement, byte[] tags) {
        this.measurement = measurement;
        this.tags = tags;
    }

    /**
     * A prefix of those names and values, which need not be escaped.
     *
     * @param measurement measurement of every line, or null for the line's own
     * @throws IllegalArgumentException when a tag value ends with a backslash, which line protocol cannot say
     */
    public static LinePrefix of(@Nullable String measurement, Map<String, String> tags) {
        StringBuilder text = new StringBuilder();
        tags.forEach((name, value) -> {
            if (value.endsWith("\\") || name.endsWith("\\")) {
                throw new IllegalArgumentException("tag " + name + " ends with a backslash");
            }
            text.append(',').append(escaped(name, true)).append('=').append(escaped(value, true));
        });
        return new LinePrefix(
                measurement == null ? null : escaped(measurement, false).getBytes(StandardCharsets.UTF_8),
                text.isEmpty() ? NOTHING : text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String escaped(String text, boolean equals) {
        String escaped = text.replace(",", "\\,").replace(" ", "\\ ");
        return equals ? escaped.replace("=", "\\=") : escaped;
    }

    /** Whether lines stay as they are. */
    public boolean isEmpty() {
        return measurement == null && tags.length == 0;
    }

    /**
     * The lines of {@code body} with this prefix, each ended by a newline; {@code body} itself when nothing changes.
     * Blank lines, comments and lines without fields stay as they are.
     *
     * @return null when a string of the body holds a line break: which line it belongs to is then known only to whoever
     *     reads the line, and a prefix in the middle of a string would be stored as data
     */
    public byte @Nullable [] prefix(byte[] body) {
        if (isEmpty()) {
            return body;
        }
        LineEnd lineEnd = new LineEnd();
        byte[] out = new byte[body.length + 1 + (1 + newlines(body)) * (tags.length + length(measurement))];
        int length = 0;
        for (int at = 0; at < body.length; ) {
            int end = lineEnd.find(body, at, body.length);
            int next = end < 0 ? body.length : end;
            int firstNewline = Words.indexOf(body, '\n', at, next);
            if (firstNewline >= 0 && firstNewline < next - 1) {
                return null;
            }
            if (end < 0 && firstNewline >= 0) {
                return null; // a string is opened in the last line but one, and never closed
            }
            length = line(body, at, next, out, length);
            at = next;
        }
        if (length > 0 && out[length - 1] != '\n') {
            out[length++] = '\n';
        }
        return Arrays.copyOf(out, length);
    }

    private int line(byte[] body, int from, int to, byte[] out, int at) {
        int start = from;
        while (start < to && (body[start] == ' ' || body[start] == '\t' || body[start] == '\r')) {
            start++;
        }
        int nameEnd = start;
        while (nameEnd < to && !endsName(body, start, nameEnd)) {
            nameEnd++;
        }
        if (start == to || body[start] == '#' || body[start] == '\n' || nameEnd == to || body[nameEnd] == '\n') {
            return copy(body, from, to, out, at);
        }
        int length = measurement == null
                ? copy(body, start, nameEnd, out, at)
                : copy(measurement, 0, measurement.length, out, at);
        length = copy(tags, 0, tags.length, out, length);
        return copy(body, nameEnd, to, out, length);
    }

    private static boolean endsName(byte[] body, int start, int at) {
        byte next = body[at];
        boolean escaped = at > start && body[at - 1] == '\\';
        return next == '\n' || ((next == ',' || next == ' ') && !escaped);
    }

    private static int copy(byte[] from, int start, int end, byte[] to, int at) {
        System.arraycopy(from, start, to, at, end - start);
        return at + end - start;
    }

    private static int newlines(byte[] body) {
        int count = 0;
        for (int at = 0; (at = Words.indexOf(body, '\n', at, body.length)) >= 0; at++) {
            count++;
        }
        return count;
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
