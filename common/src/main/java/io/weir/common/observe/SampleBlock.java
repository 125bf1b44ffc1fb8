package io.weir.common.observe;

import com.github.luben.zstd.Zstd;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;

/**
 * Some samples in a row of many series, compressed: the values of a series follow each other, each as its difference, bit by
 * bit, from the one before, which is nothing but zeros for what did not change. Immutable.
 */
final class SampleBlock {

    private static final int LEVEL = 3;

    /** What a block takes besides its compressed values. */
    private static final int OVERHEAD_BYTES = 96;

    private final long[] timesMillis;
    private final int series;
    private final byte[] bytes;

    private SampleBlock(long[] timesMillis, int series, byte[] bytes) {
        this.timesMillis = timesMillis;
        this.series = series;
        this.bytes = bytes;
    }

    /**
     * Packs samples.
     *
     * @param rows the values of each, by series; shorter where a series was not there yet
     */
    static SampleBlock pack(long[] timesMillis, double[][] rows) {
        int series = 0;
        for (double[] row : rows) {
            series = Math.max(series, row.length);
        }
        ByteBuffer raw = ByteBuffer.allocate(series * rows.length * Double.BYTES);
        for (int s = 0; s < series; s++) {
            long before = 0;
            for (double[] row : rows) {
                long bits = Double.doubleToRawLongBits(s < row.length ? row[s] : Double.NaN);
                raw.putLong(bits ^ before);
                before = bits;
            }
        }
        return new SampleBlock(timesMillis, series, Zstd.compress(raw.array(), LEVEL));
    }

    /** Series whose values it has: those with the first numbers. */
    int series() {
        return series;
    }

    int samples() {
        return timesMillis.length;
    }

    /** When that sample was taken. */
    long timeMillis(int sample) {
        return timesMillis[sample];
    }

    long firstMillis() {
        return timesMillis[0];
    }

    long lastMillis() {
        return timesMillis[timesMillis.length - 1];
    }

    /** Memory it takes. */
    long sizeBytes() {
        return bytes.length + (long) timesMillis.length * Long.BYTES + OVERHEAD_BYTES;
    }

    /** All values, by series and then by sample. */
    DoubleBuffer unpack() {
        int size = series * timesMillis.length * Double.BYTES;
        ByteBuffer raw = ByteBuffer.wrap(Zstd.decompress(bytes, size));
        DoubleBuffer values = DoubleBuffer.allocate(series * timesMillis.length);
        for (int s = 0; s < series; s++) {
            long bits = 0;
            for (int row = 0; row < timesMillis.length; row++) {
                bits ^= raw.getLong();
                values.put(Double.longBitsToDouble(bits));
            }
        }
        return values.flip();
    }
}
