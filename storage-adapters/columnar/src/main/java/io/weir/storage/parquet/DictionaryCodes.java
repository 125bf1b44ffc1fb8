package io.weir.storage.parquet;

/**
 * Encodes dictionary codes as RLE_DICTIONARY wants them (Parquet format, {@code Encodings.md}): one byte of bit width, then
 * the hybrid of run lengths and bit packing. Codes that repeat become runs; others become a single bit-packed run, which is
 * both written and scanned faster than many short ones.
 */
final class DictionaryCodes {

    private static final int GROUP = 8;
    private static final int REPEATS = 8;

    private DictionaryCodes() {}

    /** Bits of a code of a dictionary of {@code size} entries. */
    static int width(int size) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(size - 1);
    }

    /**
     * Appends the first {@code count} codes to {@code out}; may write zeros after them.
     *
     * @param codes with room for {@code count} rounded up to a multiple of 8
     * @param size entries of the dictionary, at least 1
     */
    static void encode(int[] codes, int count, int size, RunPacking runs, PageBuffer out) {
        int width = width(size);
        out.putByte(width);
        if (count / REPEATS >= runs(codes, count)) {
            runs.start(width, out);
            int from = 0;
            for (int i = 1; i <= count; i++) {
                if (i == count || codes[i] != codes[from]) {
                    runs.run(codes[from], i - from);
                    from = i;
                }
            }
            runs.end();
            return;
        }
        int groups = (count + GROUP - 1) / GROUP;
        for (int i = count; i < groups * GROUP; i++) {
            codes[i] = 0;
        }
        out.putVarLong((long) groups << 1 | 1);
        out.reserve((long) groups * width + 2 * BitPacking.SLACK);
        BitPacking.pack(codes, groups * GROUP, width, out.array(), out.size());
        out.advance(groups * width);
    }

    private static int runs(int[] codes, int count) {
        int runs = 1;
        for (int i = 1; i < count; i++) {
            runs += codes[i] != codes[i - 1] ? 1 : 0;
        }
        return runs;
    }
}
