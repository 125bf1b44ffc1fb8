package io.weir.storage.parquet;

/** BYTE_STREAM_SPLIT (Parquet format, {@code Encodings.md}): first the lowest byte of every number, then the next of each, … */
final class ByteStreams {

    private static final int BLOCK = 8;

    private ByteStreams() {}

    /** Writes the bytes of {@code numbers[from, from + count)} in 8 streams to {@code to} at {@code at}. */
    static void split(long[] numbers, int from, int count, byte[] to, int at) {
        int blocks = count / BLOCK * BLOCK;
        for (int i = 0; i < blocks; i += BLOCK) {
            transpose(numbers, from + i, to, at + i, count);
        }
        for (int i = blocks; i < count; i++) {
            for (int stream = 0; stream < Long.BYTES; stream++) {
                to[at + stream * count + i] = (byte) (numbers[from + i] >>> (stream * Byte.SIZE));
            }
        }
    }

    /** Turns a square of 8 by 8 bytes on its diagonal: halves of words are exchanged, then quarters, then bytes. */
    private static void transpose(long[] from, int i, byte[] to, int at, int stride) {
        long low = 0x00000000ffffffffL;
        long a0 = (from[i] & low) | from[i + 4] << 32;
        long a1 = (from[i + 1] & low) | from[i + 5] << 32;
        long a2 = (from[i + 2] & low) | from[i + 6] << 32;
        long a3 = (from[i + 3] & low) | from[i + 7] << 32;
        long a4 = from[i] >>> 32 | (from[i + 4] & ~low);
        long a5 = from[i + 1] >>> 32 | (from[i + 5] & ~low);
        long a6 = from[i + 2] >>> 32 | (from[i + 6] & ~low);
        long a7 = from[i + 3] >>> 32 | (from[i + 7] & ~low);
        fourStreams(a0, a1, a2, a3, to, at, stride);
        fourStreams(a4, a5, a6, a7, to, at + 4 * stride, stride);
    }

    private static void fourStreams(long a0, long a1, long a2, long a3, byte[] to, int at, int stride) {
        long low = 0x0000ffff0000ffffL;
        long lower0 = (a0 & low) | (a2 & low) << 16;
        long lower1 = (a1 & low) | (a3 & low) << 16;
        long upper0 = (a0 >>> 16 & low) | (a2 & ~low);
        long upper1 = (a1 >>> 16 & low) | (a3 & ~low);
        twoStreams(lower0, lower1, to, at, stride);
        twoStreams(upper0, upper1, to, at + 2 * stride, stride);
    }

    private static void twoStreams(long a0, long a1, byte[] to, int at, int stride) {
        long low = 0x00ff00ff00ff00ffL;
        PageBuffer.setLong(to, at, (a0 & low) | (a1 & low) << 8);
        PageBuffer.setLong(to, at + stride, (a0 >>> 8 & low) | (a1 & ~low));
    }
}
