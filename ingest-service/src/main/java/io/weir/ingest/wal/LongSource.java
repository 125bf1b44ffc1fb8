package io.weir.ingest.wal;

import io.weir.common.batch.Bits;
import io.weir.common.batch.Utf8Dictionary;

/**
 * The numbers of one column in order, handed out in slices so that every kind of column is packed by one loop without
 * an object per value. Reads on from where the last slice ended; used once, by one thread.
 */
interface LongSource {

    /** Puts the next {@code count} numbers into {@code slice[0, count)}. */
    void next(long[] slice, int count);

    /** {@code values} as they are. */
    static LongSource of(long[] values) {
        return new LongSource() {
            private int from;

            @Override
            public void next(long[] slice, int count) {
                System.arraycopy(values, from, slice, 0, count);
                from += count;
            }
        };
    }

    /** {@code values} plus {@code shift}. */
    static LongSource of(int[] values, int shift) {
        return new LongSource() {
            private int from;

            @Override
            public void next(long[] slice, int count) {
                for (int i = 0; i < count; i++) {
                    slice[i] = (long) values[from + i] + shift;
                }
                from += count;
            }
        };
    }

    /** {@code values} as they are. */
    static LongSource of(short[] values) {
        return new LongSource() {
            private int from;

            @Override
            public void next(long[] slice, int count) {
                for (int i = 0; i < count; i++) {
                    slice[i] = values[from + i];
                }
                from += count;
            }
        };
    }

    /** The lengths of the entries of a dictionary. */
    static LongSource lengths(Utf8Dictionary dictionary) {
        return new LongSource() {
            private int from;

            @Override
            public void next(long[] slice, int count) {
                for (int i = 0; i < count; i++) {
                    slice[i] = (long) dictionary.end(from + i) - dictionary.start(from + i);
                }
                from += count;
            }
        };
    }

    /** The values of the rows that have one. */
    static LongSource present(long[] values, long[] validity) {
        return new LongSource() {
            private int row;

            @Override
            public void next(long[] slice, int count) {
                for (int i = 0; i < count; row++) {
                    if (Bits.get(validity, row)) {
                        slice[i++] = values[row];
                    }
                }
            }
        };
    }

    /** The raw bits of the values of the rows that have one. */
    static LongSource present(double[] values, long[] validity) {
        return new LongSource() {
            private int row;

            @Override
            public void next(long[] slice, int count) {
                for (int i = 0; i < count; row++) {
                    if (Bits.get(validity, row)) {
                        slice[i++] = Double.doubleToRawLongBits(values[row]);
                    }
                }
            }
        };
    }
}
