package io.weir.common.compress;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What LZ4 blocks inflate to: the last 64 KiB of the frame, which later blocks may refer to, followed by the block being
 * inflated. Grows with what is really inflated, up to one block.
 */
final class Lz4Window {

    /** How far back a match may reach. */
    private static final int HISTORY = 64 << 10;

    static final int FIRST = 2 * HISTORY;

    private byte[] bytes = new byte[FIRST];
    private @Nullable Output charged;
    private int start;
    private int end;

    byte[] bytes() {
        return bytes;
    }

    /** Where the current block starts in {@link #bytes}. */
    int start() {
        return start;
    }

    /** Where what was inflated ends. */
    int end() {
        return end;
    }

    /** Forgets everything. */
    void reset() {
        start = 0;
        end = 0;
    }

    /** Starts another block; what was inflated becomes history. What the block needs is charged to {@code output}. */
    void startBlock(Output output) {
        charged = output;
        int kept = Math.min(end, HISTORY);
        System.arraycopy(bytes, end - kept, bytes, 0, kept);
        start = kept;
        end = kept;
    }

    /** Adds bytes that are not compressed. */
    void append(byte[] source, int from, int to) {
        reserve(to - from);
        System.arraycopy(source, from, bytes, end, to - from);
        end += to - from;
    }

    /**
     * Inflates one block of LZ4 sequences (block format, 2022-07) behind what is there.
     *
     * @param limit most bytes to inflate
     * @return how it ended
     */
    Failure inflate(byte[] source, int from, int to, int limit) {
        int at = from;
        while (at < to) {
            int token = source[at++] & 0xff;
            int literals = token >>> 4;
            if (literals == 15) {
                int next;
                do {
                    if (at >= to) {
                        return Failure.CORRUPT;
                    }
                    next = source[at++] & 0xff;
                    literals += next;
                } while (next == 255);
            }
            if (literals > to - at) {
                return Failure.CORRUPT;
            }
            if (literals > limit - (end - start)) {
                return Failure.TOO_LONG;
            }
            append(source, at, at + literals);
            at += literals;
            if (at == to) {
                return Failure.NONE;
            }
            if (to - at < 2) {
                return Failure.CORRUPT;
            }
            int distance = (source[at] & 0xff) | ((source[at + 1] & 0xff) << 8);
            at += 2;
            int length = (token & 15) + 4;
            if ((token & 15) == 15) {
                int next;
                do {
                    if (at >= to) {
                        return Failure.CORRUPT;
                    }
                    next = source[at++] & 0xff;
                    length += next;
                } while (next == 255);
            }
            if (distance == 0 || distance > end) {
                return Failure.CORRUPT;
            }
            if (length > limit - (end - start)) {
                return Failure.TOO_LONG;
            }
            repeat(distance, length);
        }
        // A block ends with literals; one that ends with a match was cut.
        return Failure.CORRUPT;
    }

    /** How inflating a block ended. */
    enum Failure {
        NONE,
        CORRUPT,
        TOO_LONG
    }

    private void repeat(int distance, int length) {
        reserve(length);
        int source = end - distance;
        if (distance >= length) {
            System.arraycopy(bytes, source, bytes, end, length);
        } else {
            for (int i = 0; i < length; i++) {
                bytes[end + i] = bytes[source + i];
            }
        }
        end += length;
    }

    private void reserve(int count) {
        if (count > bytes.length - end) {
            int capacity = Math.max(end + count, bytes.length * 2);
            if (charged != null) {
                charged.charge(capacity - bytes.length);
            }
            bytes = Arrays.copyOf(bytes, capacity);
        }
    }
}
