package io.weir.storage.parquet;

/**
 * The hybrid of run lengths and bit packing (Parquet format, {@code Encodings.md}), given run by run: what repeats 8 times
 * or more becomes a run, the rest is packed in groups of 8. Not thread-safe.
 */
final class RunPacking {

    private static final int GROUP = 8;

    private final long[] group = new long[GROUP];
    private PageBuffer out = new PageBuffer();
    private int width;
    private int filled;
    /** Groups of the packed run that is being written, 0 when none is; and where its length will stand. */
    private int groups;

    private int header;

    /** Starts a page of values of that many bits, 0 to 31. */
    void start(int bitWidth, PageBuffer to) {
        out = to;
        width = bitWidth;
        filled = 0;
        groups = 0;
    }

    /** Adds {@code count} times {@code value}. */
    void run(int value, int count) {
        int left = count;
        while (filled > 0 && left > 0) {
            put(value);
            left--;
        }
        if (left >= GROUP) {
            endPacked();
            out.putVarLong((long) left << 1);
            for (int shift = 0; shift < width; shift += Byte.SIZE) {
                out.putByte(value >>> shift);
            }
            return;
        }
        for (; left > 0; left--) {
            put(value);
        }
    }

    /** Ends the page; may have written zeros behind the last value. */
    void end() {
        while (filled > 0) {
            put(0);
        }
        endPacked();
    }

    private void put(int value) {
        group[filled++] = value;
        if (filled == GROUP) {
            flushGroup();
        }
    }

    private void flushGroup() {
        filled = 0;
        if (groups == 0) {
            header = out.size();
            out.putByte(0);
        }
        out.reserve((long) width + BitPacking.SLACK);
        BitPacking.pack(group, 0, GROUP, width, out.array(), out.size());
        out.advance(width);
        if (++groups == 63) { // as many as a length of one byte can say
            endPacked();
        }
    }

    private void endPacked() {
        if (groups > 0) {
            out.array()[header] = (byte) (groups << 1 | 1);
            groups = 0;
        }
    }
}
