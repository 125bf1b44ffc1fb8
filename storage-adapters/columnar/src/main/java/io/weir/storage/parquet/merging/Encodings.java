package io.weir.storage.parquet.merging;

import java.util.Arrays;

/** The encodings of numbers in pages of data files (Parquet format, {@code Encodings.md}), decoded into arrays. */
final class Encodings {

    private static final int GROUP = 8;
    private static final int MAX_WIDTH = 32;

    private Encodings() {}

    /** Fills {@code out[from, to)} from the hybrid of run lengths and bit packing, of numbers of that many bits. */
    static void hybrid(BitReader in, int width, int[] out, int from, int to) {
        if (width < 0 || width > MAX_WIDTH) {
            throw new IllegalArgumentException("codes of " + width + " bits (expected: 0 to " + MAX_WIDTH + ")");
        }
        for (int at = from; at < to; ) {
            long header = in.readVarLong();
            if ((header & 1) == 0) {
                int count = count(header >>> 1, to - at);
                int value = 0;
                for (int shift = 0; shift < width; shift += Byte.SIZE) {
                    value |= in.readByte() << shift;
                }
                Arrays.fill(out, at, at + count, value);
                at += count;
            } else {
                long bytes = Math.min(in.left(), Math.multiplyExact(header >>> 1, (long) width)); // the last may be cut
                int count = count(Math.multiplyExact(header >>> 1, (long) GROUP), to - at);
                in.readPacked(out, at, at + count, width, (int) bytes);
                at += count;
            }
        }
    }

    private static int count(long claimed, int most) {
        if (claimed <= 0) {
            throw new IllegalArgumentException("a run of " + claimed + " values (expected: at least 1)");
        }
        return (int) Math.min(claimed, most);
    }

    /** Codes of a dictionary page's entries: a byte of bit width, then the hybrid. Each is below {@code entries}. */
    static void codes(BitReader in, int entries, int[] out, int from, int to) {
        if (from == to) {
            return;
        }
        hybrid(in, in.readByte(), out, from, to);
        for (int i = from; i < to; i++) {
            if (Integer.compareUnsigned(out[i], entries) >= 0) {
                throw new IllegalArgumentException("code " + out[i] + " (expected: below " + entries + ")");
            }
        }
    }

    /** Fills {@code out[from, to)} from DELTA_BINARY_PACKED. */
    static void deltas(BitReader in, long[] out, int from, int to) {
        long blockSize = in.readVarLong();
        long miniblocks = in.readVarLong();
        long count = in.readVarLong();
        if (count != to - from
                || miniblocks < 1
                || blockSize < 1
                || blockSize % miniblocks != 0
                || blockSize > 1 << 20) {
            throw new IllegalArgumentException(count + " deltas in blocks of " + blockSize + " and " + miniblocks
                    + " parts (expected: " + (to - from) + ")");
        }
        if (from == to) {
            return;
        }
        int miniblock = (int) (blockSize / miniblocks);
        long last = zigzag(in.readVarLong());
        out[from] = last;
        for (int at = from + 1; at < to; ) {
            long base = zigzag(in.readVarLong());
            int widths = in.skip((int) miniblocks);
            for (int part = 0; part < miniblocks && at < to; part++) {
                int width = in.bytes()[widths + part];
                if (width < 0 || width > Long.SIZE) {
                    throw new IllegalArgumentException("deltas of " + width + " bits (expected: 0 to 64)");
                }
                int end = Math.min(to, at + miniblock);
                in.readPacked(out, at, end, width, Math.min(in.left(), miniblock / GROUP * width), base);
                at = end;
            }
        }
        for (int i = from + 1; i < to; i++) {
            last += out[i];
            out[i] = last;
        }
    }

    private static long zigzag(long value) {
        return value >>> 1 ^ -(value & 1);
    }
}
