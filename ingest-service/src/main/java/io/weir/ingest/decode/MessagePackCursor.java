package io.weir.ingest.decode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads MessagePack values (specification of 2017, with timestamps) one after the other from an array, without making
 * objects. Each {@code read…} takes the value at {@link #position} and moves behind it; a value of another type, a value
 * cut off by the end, and a length that the rest cannot hold are {@link MessagePackFault}s. Not thread-safe.
 */
final class MessagePackCursor {

    /** Type number of the timestamp extension. */
    static final int TIMESTAMP = -1;

    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int position;
    private boolean huge;
    private int textStart;
    private int textEnd;
    private int extensionType;
    private int nanos;

    MessagePackCursor(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.position = from;
        this.end = to;
    }

    /** The array read from. */
    byte[] bytes() {
        return bytes;
    }

    /** Where the next value starts. */
    int position() {
        return position;
    }

    /** Goes to a position where a value starts. */
    void seek(int target) {
        position = target;
    }

    /** Position after the last byte. */
    int end() {
        return end;
    }

    boolean atEnd() {
        return position >= end;
    }

    /** Family of the value at the position. */
    MessagePackType type() {
        require(1);
        return MessagePackType.ofLead(bytes[position], position);
    }

    /** Skips a nil if one is there, and says whether. */
    boolean skipNil() {
        require(1);
        if (bytes[position] == (byte) 0xc0) {
            position++;
            return true;
        }
        return false;
    }

    boolean readBoolean() {
        byte lead = lead();
        if (lead != (byte) 0xc2 && lead != (byte) 0xc3) {
            throw unexpected(MessagePackType.BOOLEAN);
        }
        position++;
        return lead == (byte) 0xc3;
    }

    /** Any integer; one beyond 2^63 - 1 comes by its bits, and {@link #isHuge} is then true. */
    long readInteger() {
        byte lead = lead();
        huge = false;
        if (lead >= -32) {
            position++;
            return lead;
        }
        return switch (lead & 0xff) {
            case 0xcc -> take(1) & 0xffL;
            case 0xcd -> take(2) & 0xffffL;
            case 0xce -> take(4) & 0xffffffffL;
            case 0xcf -> {
                long unsigned = take(8);
                huge = unsigned < 0;
                yield unsigned;
            }
            case 0xd0 -> take(1);
            case 0xd1 -> take(2);
            case 0xd2 -> take(4);
            case 0xd3 -> take(8);
            default -> throw unexpected(MessagePackType.INTEGER);
        };
    }

    /** Whether the integer read last is 2^63 or more. */
    boolean isHuge() {
        return huge;
    }

    double readFloat() {
        byte lead = lead();
        if (lead == (byte) 0xca) {
            return Float.intBitsToFloat((int) take(4));
        } else if (lead == (byte) 0xcb) {
            return Double.longBitsToDouble(take(8));
        }
        throw unexpected(MessagePackType.FLOAT);
    }

    /** Reads doubles into {@code target} from {@code from} on, up to its end or the first other value; returns how many. */
    int readFloats(double[] target, int from) {
        int at = position;
        int index = from;
        while (index < target.length && end - at > Double.BYTES && bytes[at] == (byte) 0xcb) {
            target[index++] = Double.longBitsToDouble((long) LONGS.get(bytes, at + 1));
            at += 1 + Double.BYTES;
        }
        position = at;
        return index - from;
    }

    /** A string or binary, then at {@code [textStart, textEnd)} of the array. Not checked for UTF-8. */
    void readText() {
        int lead = lead() & 0xff;
        long length;
        if (lead >= 0xa0 && lead <= 0xbf) {
            position++;
            length = lead & 0x1f;
        } else if (lead == 0xd9 || lead == 0xc4) {
            length = take(1) & 0xffL;
        } else if (lead == 0xda || lead == 0xc5) {
            length = take(2) & 0xffffL;
        } else if (lead == 0xdb || lead == 0xc6) {
            length = take(4) & 0xffffffffL;
        } else {
            throw unexpected(MessagePackType.STRING);
        }
        require(length);
        textStart = position;
        position += (int) length;
        textEnd = position;
    }

    /** Moves behind the value at the position if it is a short string equal to the one that begins at {@code other}. */
    boolean skipEqual(int other) {
        int lead = position < end ? bytes[position] & 0xff : 0;
        int size = lead - 0xa0 + 1;
        if (size < 1 || size > 32 || size > end - position || bytes[other] != bytes[position]) {
            return false;
        }
        boolean equal;
        if (size <= Long.BYTES && end - position >= Long.BYTES) {
            long difference = (long) LONGS.get(bytes, position) ^ (long) LONGS.get(bytes, other);
            equal = difference >>> (Long.SIZE - Byte.SIZE * size) == 0;
        } else {
            equal = Arrays.equals(bytes, position, position + size, bytes, other, other + size);
        }
        if (equal) {
            position += size;
        }
        return equal;
    }

    int textStart() {
        return textStart;
    }

    int textEnd() {
        return textEnd;
    }

    /** The text read last. */
    String text() {
        return new String(bytes, textStart, textEnd - textStart, StandardCharsets.UTF_8);
    }

    /** Whether the text read last is {@code ascii}. */
    boolean isText(byte[] ascii) {
        return Arrays.equals(bytes, textStart, textEnd, ascii, 0, ascii.length);
    }

    /** Header of an array: how many values follow, each at least one byte of what is left. */
    int readArray() {
        int lead = lead() & 0xff;
        long count;
        if (lead >= 0x90 && lead <= 0x9f) {
            position++;
            count = lead & 0x0f;
        } else if (lead == 0xdc) {
            count = take(2) & 0xffffL;
        } else if (lead == 0xdd) {
            count = take(4) & 0xffffffffL;
        } else {
            throw unexpected(MessagePackType.ARRAY);
        }
        require(count);
        return (int) count;
    }

    /** Header of a map: how many keys and values follow, each pair at least two bytes of what is left. */
    int readMap() {
        int lead = lead() & 0xff;
        long count;
        if (lead >= 0x80 && lead <= 0x8f) {
            position++;
            count = lead & 0x0f;
        } else if (lead == 0xde) {
            count = take(2) & 0xffffL;
        } else if (lead == 0xdf) {
            count = take(4) & 0xffffffffL;
        } else {
            throw unexpected(MessagePackType.MAP);
        }
        require(2 * count);
        return (int) count;
    }

    /** An extension: its {@link #extensionType}, and its data as text. */
    void readExtension() {
        int lead = lead() & 0xff;
        long length;
        if (lead >= 0xd4 && lead <= 0xd8) {
            position++;
            length = 1L << (lead - 0xd4);
        } else if (lead == 0xc7) {
            length = take(1) & 0xffL;
        } else if (lead == 0xc8) {
            length = take(2) & 0xffffL;
        } else if (lead == 0xc9) {
            length = take(4) & 0xffffffffL;
        } else {
            throw unexpected(MessagePackType.EXTENSION);
        }
        require(1 + length);
        extensionType = bytes[position++];
        textStart = position;
        position += (int) length;
        textEnd = position;
    }

    int extensionType() {
        return extensionType;
    }

    /** A timestamp extension: its seconds since 1970; {@link #nanos} are its nanoseconds beyond. */
    long readTimestamp() {
        int start = position;
        readExtension();
        int length = textEnd - textStart;
        if (extensionType != TIMESTAMP || (length != 4 && length != 8 && length != 12)) {
            throw new MessagePackFault(
                    start,
                    "extension of type " + extensionType + " and " + length
                            + " bytes (expected: a timestamp, type -1 of 4, 8 or 12 bytes)");
        }
        long seconds;
        if (length == 4) {
            nanos = 0;
            seconds = (int) INTS.get(bytes, textStart) & 0xffffffffL;
        } else if (length == 8) {
            long both = (long) LONGS.get(bytes, textStart);
            nanos = (int) (both >>> 34);
            seconds = both & 0x3ffffffffL;
        } else {
            nanos = (int) INTS.get(bytes, textStart);
            seconds = (long) LONGS.get(bytes, textStart + 4);
        }
        if (nanos < 0 || nanos > 999_999_999) {
            throw new MessagePackFault(start, "timestamp with more than 999999999 nanoseconds");
        }
        return seconds;
    }

    int nanos() {
        return nanos;
    }

    /** Moves behind the value at the position, whatever it is and holds. */
    void skip() {
        for (long left = 1; left > 0; left--) {
            switch (type()) {
                case NIL, BOOLEAN -> position++;
                case INTEGER -> readInteger();
                case FLOAT -> readFloat();
                case STRING, BINARY -> readText();
                case ARRAY -> left += readArray();
                case MAP -> left += 2L * readMap();
                case EXTENSION -> readExtension();
            }
        }
    }

    private byte lead() {
        require(1);
        return bytes[position];
    }

    /** The big-endian number of {@code size} bytes behind the lead byte, sign extended. */
    private long take(int size) {
        require(1 + size);
        int at = position + 1;
        position = at + size;
        return switch (size) {
            case 1 -> bytes[at];
            case 2 -> (short) SHORTS.get(bytes, at);
            case 4 -> (int) INTS.get(bytes, at);
            default -> (long) LONGS.get(bytes, at);
        };
    }

    private void require(long count) {
        if (count > end - position) {
            throw new MessagePackFault(
                    position, "body ends too early: " + count + " bytes needed, " + (end - position) + " left");
        }
    }

    private MessagePackFault unexpected(MessagePackType expected) {
        return new MessagePackFault(position, "found " + type().noun() + " (expected: " + expected.noun() + ")");
    }
}
