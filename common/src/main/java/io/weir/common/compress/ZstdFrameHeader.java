package io.weir.common.compress;

/**
 * The header of a Zstandard frame (RFC 8878, 3.1.1.1) as it arrives: read ahead of the decompressor, because it says how
 * much memory the frame needs.
 *
 * <pre>
 *   magic 4 │ descriptor 1 │ [window 1] │ [dictionary id 1, 2, 4] │ [content size 1, 2, 4, 8]
 * </pre>
 */
final class ZstdFrameHeader {

    private static final int MAGIC = 0xFD2FB528;
    private static final int MAX_BYTES = 18;
    private static final int MAX_BLOCK = 128 << 10;
    private static final int SINGLE_SEGMENT = 0x20;
    private static final int DESCRIPTOR_AT = 4;

    private final byte[] bytes = new byte[MAX_BYTES];
    private int length;
    private int needed = DESCRIPTOR_AT;

    /** Forgets what it has: another frame may start. */
    void clear() {
        length = 0;
        needed = DESCRIPTOR_AT;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    boolean isEmpty() {
        return length == 0;
    }

    boolean isComplete() {
        return length == needed;
    }

    /** Takes bytes of {@code input[from, to)} until it is complete; returns how many. */
    int take(byte[] input, int from, int to) {
        int at = from;
        while (at < to && length < needed) {
            bytes[length++] = input[at++];
            if (length == DESCRIPTOR_AT && isFrame()) {
                needed = DESCRIPTOR_AT + 1;
            } else if (length == DESCRIPTOR_AT + 1) {
                needed = length + windowBytes() + dictionaryBytes() + contentBytes();
            }
        }
        return at - from;
    }

    /** Most bytes the decompressor keeps for this frame: its window and two blocks. 0 for what is no frame. */
    long memoryBytes() {
        if (!isFrame()) {
            return 0;
        }
        long window = windowBytes() == 0 ? contentSize() : windowSize();
        return window + 2 * Math.min(window, MAX_BLOCK);
    }

    private boolean isFrame() {
        return number(0, 4) == (MAGIC & 0xffffffffL);
    }

    private int windowBytes() {
        return (bytes[DESCRIPTOR_AT] & SINGLE_SEGMENT) == 0 ? 1 : 0;
    }

    private int dictionaryBytes() {
        int flag = bytes[DESCRIPTOR_AT] & 3;
        return flag == 3 ? 4 : flag;
    }

    private int contentBytes() {
        int flag = (bytes[DESCRIPTOR_AT] & 0xff) >>> 6;
        return flag == 0 ? 1 - windowBytes() : 1 << flag;
    }

    private long windowSize() {
        int descriptor = bytes[DESCRIPTOR_AT + 1] & 0xff;
        long base = 1L << (10 + (descriptor >>> 3));
        return base + (base >>> 3) * (descriptor & 7);
    }

    private long contentSize() {
        int count = contentBytes();
        long size = number(DESCRIPTOR_AT + 1 + dictionaryBytes(), count);
        return count == 2 ? size + 256 : size < 0 ? Long.MAX_VALUE >>> 1 : size;
    }

    private long number(int from, int count) {
        long number = 0;
        for (int i = count - 1; i >= 0; i--) {
            number = number << 8 | (bytes[from + i] & 0xff);
        }
        return number;
    }
}
