package io.weir.ingest.wal;

import io.weir.common.batch.Bits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads the body of a frame, checking every length against what is left before anything is allocated. */
final class WalCursor {

    private final ByteBuffer in;

    /** Reads {@code bytes[from, to)}. */
    WalCursor(byte[] bytes, int from, int to) {
        in = ByteBuffer.wrap(bytes, from, to - from).order(ByteOrder.LITTLE_ENDIAN);
    }

    int remaining() {
        return in.remaining();
    }

    /** Requires {@code bytes} more, and returns the count they belong to. */
    int require(long bytes, String what) throws WalFormatException {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new WalFormatException(what + " needs " + bytes + " bytes (left: " + in.remaining() + ")");
        }
        return (int) bytes;
    }

    int int8(String what) throws WalFormatException {
        require(1, what);
        return in.get() & 0xFF;
    }

    /** A number from 0 to {@code Integer.MAX_VALUE} in 4 bytes. */
    int int32(String what) throws WalFormatException {
        require(Integer.BYTES, what);
        int value = in.getInt();
        if (value < 0) {
            throw new WalFormatException(what + " is negative");
        }
        return value;
    }

    long int64(String what) throws WalFormatException {
        require(Long.BYTES, what);
        return in.getLong();
    }

    String name(String what) throws WalFormatException {
        require(Short.BYTES, what);
        int length = require(in.getShort() & 0xFFFF, what);
        String name = new String(in.array(), in.arrayOffset() + in.position(), length, StandardCharsets.UTF_8);
        in.position(in.position() + length);
        return name;
    }

    byte[] bytes(int length, String what) throws WalFormatException {
        byte[] bytes = new byte[require(length, what)];
        in.get(bytes);
        return bytes;
    }

    /** Limits reading to the next {@code length} bytes. @return the old limit, for {@link #leave} */
    int enter(int length, String what) throws WalFormatException {
        int limit = in.limit();
        in.limit(in.position() + require(length, what));
        return limit;
    }

    /** Undoes {@link #enter}; everything must have been read. */
    void leave(int limit, String what) throws WalFormatException {
        if (in.hasRemaining()) {
            throw new WalFormatException(what + " is followed by " + in.remaining() + " unknown bytes");
        }
        in.limit(limit);
    }

    double[] doubles(int count, String what) throws WalFormatException {
        require(8L * count, what);
        double[] values = new double[count];
        in.asDoubleBuffer().get(values);
        in.position(in.position() + 8 * count);
        return values;
    }

    /** Bits {@code [0, count)}; others must be zero. */
    long[] bits(int count, String what) throws WalFormatException {
        require(8L * Bits.words(count), what);
        long[] words = new long[Bits.words(count)];
        in.asLongBuffer().get(words);
        in.position(in.position() + 8 * words.length);
        if ((count & 63) != 0 && words[words.length - 1] >>> count != 0) {
            throw new WalFormatException(what + " has a bit beyond row " + count);
        }
        return words;
    }

    /** A packed column of {@code count} numbers. */
    long[] packed(int count, String what) throws WalFormatException {
        Packed packed = packedHead(count, what);
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = packed.next(in);
        }
        return values;
    }

    /** A packed column of {@code count} numbers, each within {@code [least, most]}. */
    int[] packedInts(int count, int least, int most, String what) throws WalFormatException {
        Packed packed = packedHead(count, what);
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            long value = packed.next(in);
            if (value < least || value > most) {
                throw new WalFormatException(what + " holds " + value + " (expected: " + least + " to " + most + ")");
            }
            values[i] = (int) value;
        }
        return values;
    }

    private Packed packedHead(int count, String what) throws WalFormatException {
        require(WalBatchEncoder.PACKED_HEADER_BYTES, what);
        int width = in.get();
        if (width != 1 && width != 2 && width != 4 && width != 8) {
            throw new WalFormatException(what + " has width " + width + " (expected: 1, 2, 4 or 8)");
        }
        long base = in.getLong();
        require((long) count * width, what);
        return new Packed(width, base);
    }

    private record Packed(int width, long base) {
        long next(ByteBuffer in) {
            return switch (width) {
                case 1 -> base + (in.get() & 0xFF);
                case 2 -> base + (in.getShort() & 0xFFFF);
                case 4 -> base + (in.getInt() & 0xFFFF_FFFFL);
                default -> base + in.getLong();
            };
        }
    }
}
