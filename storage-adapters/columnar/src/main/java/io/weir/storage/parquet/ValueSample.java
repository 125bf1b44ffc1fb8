package io.weir.storage.parquet;

import java.io.IOException;

/**
 * Chooses encodings by trying them on up to 16 stretches of 129 neighbours, evenly spaced over the values of a row group.
 * A choice costs a few microseconds and is right often enough; a dictionary that turns out too large is given up later
 * ({@link NumberDictionary}). Not thread-safe.
 */
final class ValueSample {

    private static final int STRETCHES = 16;
    private static final int STRETCH = DeltaPacking.BLOCK + 1;
    private static final int SMALLEST = STRETCHES * STRETCH * 2;

    private final DeltaPacking deltas;
    private final NumberDictionary dictionary = new NumberDictionary();
    private final long[] sample = new long[STRETCHES * STRETCH];
    private final int[] codes = new int[STRETCHES * STRETCH + 8];
    private final PageBuffer page = new PageBuffer();

    ValueSample(DeltaPacking deltas) {
        this.deltas = deltas;
    }

    /** Whether integers look smaller by a dictionary than by their differences; true when there are too few to tell. */
    boolean prefersDictionary(long[] numbers, int from, int count) {
        if (count < SMALLEST) {
            return true;
        }
        long deltaBits = 0;
        for (int i = 0; i < STRETCHES; i++) {
            deltaBits += deltas.bits(numbers, take(numbers, from, count, i));
        }
        dictionary.encodeAny(sample, sample.length, codes);
        int runs = 1;
        for (int i = 1; i < sample.length; i++) {
            runs += codes[i] != codes[i - 1] ? 1 : 0;
        }
        int width = DictionaryCodes.width(dictionary.size());
        long codeBits = Math.min((long) runs * (2 * Byte.SIZE + width), (long) sample.length * width);
        return !seldomRepeats() && codeBits <= deltaBits;
    }

    /** Whether some values come again, so that a dictionary is worth trying; true when there are too few to tell. */
    boolean repeats(long[] numbers, int from, int count) {
        if (count < SMALLEST) {
            return true;
        }
        for (int i = 0; i < STRETCHES; i++) {
            take(numbers, from, count, i);
        }
        dictionary.encodeAny(sample, sample.length, codes);
        return !seldomRepeats();
    }

    /** Whether the values with their bytes in streams compress well, and better than one after the other. */
    boolean splitsWell(long[] numbers, int first, int count, PageCompressor compressor) throws IOException {
        int taken = Math.min(count, sample.length);
        int from = first + (count - taken) / 2;
        System.arraycopy(numbers, from, sample, 0, taken);
        page.clear();
        page.putLongs(sample, 0, taken);
        int plain = compressor.compressedSize(page.array(), 0, page.size());
        page.clear();
        page.putSplit(sample, 0, taken);
        int split = compressor.compressedSize(page.array(), 0, page.size());
        return split < plain && PageCompressor.isWorthwhile(split, page.size());
    }

    /** More than 95 of 100 distinct in the sample: more in all than a dictionary of numbers may hold. */
    private boolean seldomRepeats() {
        return dictionary.size() * 100L > sample.length * 95L;
    }

    /** Copies a stretch into the sample. Returns where it begins among the numbers. */
    private int take(long[] numbers, int first, int count, int stretch) {
        int from = first + (int) ((long) (count - STRETCH) * stretch / (STRETCHES - 1));
        System.arraycopy(numbers, from, sample, stretch * STRETCH, STRETCH);
        return from;
    }
}
