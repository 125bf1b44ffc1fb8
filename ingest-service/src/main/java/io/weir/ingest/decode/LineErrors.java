package io.weir.ingest.decode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts bad lines and describes the first of them, of the body and of each of its parts. */
public final class LineErrors {

    private final int limit;
    private final List<LineError> first = new ArrayList<>();
    private long count;
    private @Nullable LineError firstOfPart;

    /** Describes at most {@code limit} lines; counts all. */
    public LineErrors(int limit) {
        this.limit = limit;
    }

    /** Records that the line {@code buffer[start, end)}, number {@code line}, is bad. */
    public void add(LineFault fault, byte[] buffer, int start, int end, int line) {
        count++;
        if (first.size() < limit || firstOfPart == null) {
            int column = Math.max(fault.position - start, 0) + 1;
            String message =
                    fault.what() + " at line " + line + ", column " + column + " (expected: " + fault.expected + ")";
            LineError error = new LineError(line, column, fault.kind, message, original(buffer, start, end));
            if (first.size() < limit) {
                first.add(error);
            }
            if (firstOfPart == null) {
                firstOfPart = error;
            }
        }
    }

    /** The first of the current part, or null. */
    @Nullable
    LineError firstOfPart() {
        return firstOfPart;
    }

    void beginPart() {
        firstOfPart = null;
    }

    /** How many were bad. */
    public long count() {
        return count;
    }

    /** The first of them. */
    public List<LineError> first() {
        return first;
    }

    private static String original(byte[] buffer, int start, int lineEnd) {
        int end = lineEnd;
        while (end > start && (buffer[end - 1] == '\n' || buffer[end - 1] == '\r')) {
            end--;
        }
        if (end - start <= LineError.MAX_ORIGINAL_BYTES) {
            return new String(buffer, start, end - start, StandardCharsets.UTF_8);
        }
        end = start + LineError.MAX_ORIGINAL_BYTES;
        while (end > start && (buffer[end] & 0xc0) == 0x80) {
            end--;
        }
        return new String(buffer, start, end - start, StandardCharsets.UTF_8) + "…";
    }
}
