package io.weir.storage.parquet;

/**
 * DELTA_BINARY_PACKED of 64-bit integers (Parquet format, {@code Encodings.md}): blocks of 128 differences in 4 miniblocks of
 * 32, each with as many bits as its largest difference above the block's least needs. Not thread-safe.
 */
final class DeltaPacking {

    static final int BLOCK = 128;

    private static final int MINIBLOCKS = 4;
    private static final int MINIBLOCK = BLOCK / MINIBLOCKS;
    private static final int MAX_BLOCK_BYTES = 10 + MINIBLOCKS + BLOCK * Long.BYTES + BitPacking.SLACK;

    private final long[] deltas = new long[BLOCK];

    /** Appends {@code count} numbers from {@code start} on, at least one, to {@code out}. */
    void encode(long[] numbers, int start, int count, PageBuffer out) {
        out.putVarLong(BLOCK);
        out.putVarLong(MINIBLOCKS);
        out.putVarLong(count);
        out.putZigZag(numbers[start]);
        int end = start + count;
        for (int from = start + 1; from < end; from += BLOCK) {
            int length = Math.min(BLOCK, end - from);
            long min = subtract(numbers, from, length);
            out.reserve(MAX_BLOCK_BYTES);
            out.putZigZag(min);
            int used = (length + MINIBLOCK - 1) / MINIBLOCK;
            int at = out.size() + MINIBLOCKS;
            for (int mini = 0; mini < MINIBLOCKS; mini++) {
                int width = mini < used ? width(mini, min, length) : 0;
                out.array()[out.size() + mini] = (byte) width;
                BitPacking.pack(deltas, mini * MINIBLOCK, MINIBLOCK, width, out.array(), at);
                at += width * (MINIBLOCK / Byte.SIZE);
            }
            out.advance(at - out.size());
        }
    }

    /** Bits that {@code numbers[from, from + BLOCK]} take. */
    int bits(long[] numbers, int from) {
        long min = subtract(numbers, from + 1, BLOCK);
        int bits = (MINIBLOCKS + 1) * Byte.SIZE;
        for (int mini = 0; mini < MINIBLOCKS; mini++) {
            bits += width(mini, min, BLOCK) * MINIBLOCK;
        }
        return bits;
    }

    /** Fills {@link #deltas} with what each number is above the one before it. Returns the least. */
    private long subtract(long[] numbers, int from, int length) {
        long[] to = deltas;
        long min = Long.MAX_VALUE;
        for (int i = 0; i < length; i++) {
            long delta = numbers[from + i] - numbers[from + i - 1];
            to[i] = delta;
            min = Math.min(min, delta);
        }
        return min;
    }

    /** Takes {@code min} from the deltas of a miniblock, those beyond {@code length} become 0. Returns the bits they need. */
    private int width(int mini, long min, int length) {
        long[] to = deltas;
        int from = mini * MINIBLOCK;
        int end = Math.min(from + MINIBLOCK, length);
        long all = 0;
        for (int i = from; i < end; i++) {
            long above = to[i] - min;
            to[i] = above;
            all |= above;
        }
        for (int i = end; i < from + MINIBLOCK; i++) {
            to[i] = 0;
        }
        return Long.SIZE - Long.numberOfLeadingZeros(all);
    }
}
