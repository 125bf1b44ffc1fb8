package io.weir.storage.parquet;

/**
 * Packs numbers of equal bit width, the first in the lowest bits, as Parquet's bit-packed runs and delta blocks want them
 * (Parquet format, {@code Encodings.md}). A number may not have bits above the width.
 */
final class BitPacking {

    /** Bytes beyond the packed ones that may be written, since whole words are stored. */
    static final int SLACK = Long.BYTES;

    private BitPacking() {}

    /**
     * Packs {@code numbers[from, from + count)} into {@code to} at {@code at}; needs {@link #SLACK} bytes more room.
     *
     * @param count a multiple of 8
     * @param width 0 to 64
     */
    static void pack(long[] numbers, int from, int count, int width, byte[] to, int at) {
        if (width == 0) {
            return;
        }
        if (width <= 8) {
            packBytes(numbers, from, count, width, to, at);
        } else if (width <= 16) {
            packHalves(numbers, from, count, width, to, at);
        } else {
            packWords(numbers, from, count, width, to, at);
        }
    }

    /** The same for codes of at most 31 bits. */
    static void pack(int[] codes, int count, int width, byte[] to, int at) {
        int out = at;
        if (width <= 8) {
            for (int i = 0; i < count; i += 8) {
                long low = codes[i] | codes[i + 1] << width | codes[i + 2] << (2 * width);
                long middle = codes[i + 3] | codes[i + 4] << width;
                long high = codes[i + 5] | codes[i + 6] << width | codes[i + 7] << (2 * width);
                PageBuffer.setLong(to, out, low | middle << (3 * width) | high << (5 * width));
                out += width;
            }
        } else if (width <= 16) {
            for (int i = 0; i < count; i += 8) {
                long low = codes[i] | (long) codes[i + 1] << width;
                low |= (long) codes[i + 2] << (2 * width) | (long) codes[i + 3] << (3 * width);
                long high = codes[i + 4] | (long) codes[i + 5] << width;
                high |= (long) codes[i + 6] << (2 * width) | (long) codes[i + 7] << (3 * width);
                out = putHalves(low, high, width, to, out);
            }
        } else {
            long word = 0;
            int bits = 0;
            for (int i = 0; i < count; i++) {
                word |= (long) codes[i] << bits;
                bits += width;
                if (bits >= Integer.SIZE) {
                    PageBuffer.setLong(to, out, word);
                    out += Integer.BYTES;
                    word >>>= Integer.SIZE;
                    bits -= Integer.SIZE;
                }
            }
            PageBuffer.setLong(to, out, word);
        }
    }

    private static void packBytes(long[] numbers, int from, int count, int width, byte[] to, int at) {
        int out = at;
        for (int i = from; i < from + count; i += 8) {
            long low = numbers[i]
                    | numbers[i + 1] << width
                    | numbers[i + 2] << (2 * width)
                    | numbers[i + 3] << (3 * width);
            long high = numbers[i + 4]
                    | numbers[i + 5] << width
                    | numbers[i + 6] << (2 * width)
                    | numbers[i + 7] << (3 * width);
            PageBuffer.setLong(to, out, low | high << (4 * width));
            out += width;
        }
    }

    private static void packHalves(long[] numbers, int from, int count, int width, byte[] to, int at) {
        int out = at;
        for (int i = from; i < from + count; i += 8) {
            long low = numbers[i]
                    | numbers[i + 1] << width
                    | numbers[i + 2] << (2 * width)
                    | numbers[i + 3] << (3 * width);
            long high = numbers[i + 4]
                    | numbers[i + 5] << width
                    | numbers[i + 6] << (2 * width)
                    | numbers[i + 7] << (3 * width);
            out = putHalves(low, high, width, to, out);
        }
    }

    /** Two numbers of {@code 4 * width} bits each, 36 to 64, one behind the other. */
    private static int putHalves(long low, long high, int width, byte[] to, int at) {
        int bits = 4 * width;
        PageBuffer.setLong(to, at, bits == Long.SIZE ? low : low | high << bits);
        PageBuffer.setLong(to, at + Long.BYTES, bits == Long.SIZE ? high : high >>> (Long.SIZE - bits));
        return at + width;
    }

    private static void packWords(long[] numbers, int from, int count, int width, byte[] to, int at) {
        int out = at;
        long word = 0;
        int bits = 0;
        for (int i = from; i < from + count; i++) {
            long number = numbers[i];
            word |= number << bits;
            bits += width;
            if (bits >= Long.SIZE) {
                PageBuffer.setLong(to, out, word);
                out += Long.BYTES;
                bits -= Long.SIZE;
                word = bits == 0 ? 0 : number >>> (width - bits);
            }
        }
        if (bits > 0) {
            PageBuffer.setLong(to, out, word);
        }
    }
}
