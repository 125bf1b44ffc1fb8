package io.weir.ingest.wal;

import io.weir.common.batch.Bits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Packs columns of numbers to the fewest whole bytes that hold their range. Measuring remembers base and width of each
 * column; writing takes them back in the same order. Reusable; used by one thread.
 */
final class ColumnPacking {

    private static final int SLICE = 4096;

    private final long[] slice = new long[SLICE];
    private long[] bases = new long[64];
    private byte[] widths = new byte[64];
    private int measured;
    private int written;

    void reset() {
        measured = 0;
        written = 0;
    }

    /**
     * Bytes the packed column takes.
     *
     * @throws WalFormatException when a number is outside {@code [least, most]}; {@code what} names the column
     */
    long measure(LongSource source, int count, long least, long most, String what) throws WalFormatException {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (int done = 0; done < count; done += SLICE) {
            int n = Math.min(SLICE, count - done);
            source.next(slice, n);
            for (int i = 0; i < n; i++) {
                min = Math.min(min, slice[i]);
                max = Math.max(max, slice[i]);
            }
        }
        if (count > 0 && (min < least || max > most)) {
            throw new WalFormatException(
                    what + " holds " + (min < least ? min : max) + " (expected: " + least + " to " + most + ")");
        }
        int width = count == 0 ? 1 : width(max - min);
        if (measured == widths.length) {
            bases = Arrays.copyOf(bases, 2 * measured);
            widths = Arrays.copyOf(widths, 2 * measured);
        }
        bases[measured] = count == 0 || width == Long.BYTES ? 0 : min;
        widths[measured++] = (byte) width;
        return WalBatchEncoder.PACKED_HEADER_BYTES + (long) count * width;
    }

    /** Bytes that hold 0 to {@code span}; a span beyond {@code Long.MAX_VALUE} arrives negative. */
    private static int width(long span) {
        if (span >>> 32 != 0) {
            return Long.BYTES;
        }
        return span <= 0xFF ? 1 : span <= 0xFFFF ? 2 : 4;
    }

    /** Puts the column that was measured next. */
    void write(LongSource source, int count, FrameOutput out) throws IOException {
        long base = bases[written];
        int width = widths[written++];
        out.room(WalBatchEncoder.PACKED_HEADER_BYTES).put((byte) width).putLong(base);
        write(source, count, base, width, out);
    }

    /** Puts eight bytes a number, without the head of a packed column. */
    void writeRaw(LongSource source, int count, FrameOutput out) throws IOException {
        write(source, count, 0, Long.BYTES, out);
    }

    private void write(LongSource source, int count, long base, int width, FrameOutput out) throws IOException {
        for (int done = 0; done < count; done += SLICE) {
            int n = Math.min(SLICE, count - done);
            source.next(slice, n);
            ByteBuffer to = out.room(n * width);
            int at = to.position();
            switch (width) {
                case 1 -> {
                    for (int i = 0; i < n; i++) {
                        to.put(at + i, (byte) (slice[i] - base));
                    }
                }
                case 2 -> {
                    for (int i = 0; i < n; i++) {
                        to.putShort(at + 2 * i, (short) (slice[i] - base));
                    }
                }
                case 4 -> {
                    for (int i = 0; i < n; i++) {
                        to.putInt(at + 4 * i, (int) (slice[i] - base));
                    }
                }
                default -> to.asLongBuffer().put(slice, 0, n);
            }
            to.position(at + n * width);
        }
    }

    static void writeDoubles(double[] values, int count, FrameOutput out) throws IOException {
        for (int done = 0; done < count; done += SLICE) {
            int n = Math.min(SLICE, count - done);
            ByteBuffer to = out.room(n * Double.BYTES);
            to.asDoubleBuffer().put(values, done, n);
            to.position(to.position() + n * Double.BYTES);
        }
    }

    /** Puts bits {@code [0, count)} of {@code words}, only those also in {@code mask} when there is one. */
    static void writeBits(long[] words, long @Nullable [] mask, int count, FrameOutput out) throws IOException {
        int last = Bits.words(count) - 1;
        for (int i = 0; i <= last; i++) {
            long word = mask == null ? words[i] : words[i] & mask[i];
            if (i == last && (count & 63) != 0) {
                word &= (1L << count) - 1;
            }
            out.room(Long.BYTES).putLong(word);
        }
    }
}
