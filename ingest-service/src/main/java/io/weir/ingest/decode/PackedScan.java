package io.weir.ingest.decode;

import java.util.Arrays;

/**
 * Runs over the values of a MessagePack array: finds its end, the classes of its values and the length of its texts.
 * Values that look like the one before cost next to nothing: the processor need not wait for a length to go on, and eight
 * small integers are seen at once. Not thread-safe.
 */
final class PackedScan {

    /** Class of nil, beside those of {@link PackedColumn}. */
    static final int NIL = 64;
    /** Class of arrays, maps and extensions. */
    static final int OTHER = 128;

    private static final int FLOAT_64 = 0xcb;
    /** By first byte, how many bytes a value takes; 0 when a length follows, or values do. */
    private static final byte[] SIZES = new byte[256];
    /** By first byte, the class of a value; 0 where it takes more than that byte to tell. */
    private static final short[] CLASSES = new short[256];

    static {
        fill(0x00, 0x7f, 1, PackedColumn.INTEGER);
        for (int length = 0; length < 32; length++) {
            fill(0xa0 + length, 0xa0 + length, 1 + length, PackedColumn.TEXT);
        }
        fill(0xc0, 0xc0, 1, NIL);
        fill(0xc2, 0xc3, 1, PackedColumn.BOOLEAN);
        fill(0xca, 0xca, 5, PackedColumn.FLOAT);
        fill(FLOAT_64, FLOAT_64, 9, PackedColumn.FLOAT);
        fill(0xcc, 0xcc, 2, PackedColumn.INTEGER);
        fill(0xcd, 0xcd, 3, PackedColumn.INTEGER);
        fill(0xce, 0xce, 5, PackedColumn.INTEGER);
        fill(0xe0, 0xff, 1, PackedColumn.NEGATIVE);
    }

    private int classes;
    private int textBytes;

    /** The classes of the values scanned last, a bit each. */
    int classes() {
        return classes;
    }

    /** Length of all texts scanned last. */
    int textBytes() {
        return textBytes;
    }

    /** Moves {@code cursor} behind {@code count} values; fails as {@link MessagePackCursor#skip} does. */
    void values(MessagePackCursor cursor, int count) {
        classes = 0;
        textBytes = 0;
        byte[] bytes = cursor.bytes();
        int end = cursor.end();
        int at = cursor.position();
        int left = count;
        while (left > 0) {
            int lead = at < end ? bytes[at] & 0xff : 0;
            int size = SIZES[lead];
            if (size > end - at || size == 0) {
                cursor.seek(at);
                slowValue(cursor);
                at = cursor.position();
                left--;
            } else if (lead < 0x80) {
                classes |= PackedColumn.INTEGER;
                int run = smallIntegers(bytes, at, Math.min(left, end - at));
                at += run;
                left -= run;
            } else if (lead == FLOAT_64) {
                classes |= PackedColumn.FLOAT;
                int run = run(bytes, at, end, left, FLOAT_64);
                at += run * 9;
                left -= run;
            } else {
                int valueClass = CLASSES[lead];
                classes |= valueClass;
                textBytes += valueClass == PackedColumn.TEXT ? size - 1 : 0;
                at += size;
                left--;
            }
        }
        cursor.seek(at);
    }

    private void slowValue(MessagePackCursor cursor) {
        int start = cursor.position();
        switch (cursor.type()) {
            case INTEGER -> {
                long value = cursor.readInteger();
                classes |=
                        cursor.isHuge() ? PackedColumn.HUGE : value < 0 ? PackedColumn.NEGATIVE : PackedColumn.INTEGER;
            }
            case STRING, BINARY -> {
                cursor.readText();
                classes |= PackedColumn.TEXT;
                textBytes += cursor.textEnd() - cursor.textStart();
            }
            default -> {
                cursor.seek(start);
                cursor.skip();
                classes |= OTHER;
            }
        }
    }

    /** How many of the {@code most} bytes from {@code from} on are integers from 0 to 127, one after the other. */
    private static int smallIntegers(byte[] bytes, int from, int most) {
        int to = from + most;
        int at = from;
        while (at + Long.BYTES <= to && Words.nonAscii(Words.at(bytes, at)) == 0) {
            at += Long.BYTES;
        }
        while (at < to && bytes[at] >= 0) {
            at++;
        }
        return at - from;
    }

    /** How many of {@code most} values of nine bytes follow one another that begin with {@code lead}. */
    private static int run(byte[] bytes, int from, int end, int most, int lead) {
        int at = from;
        int found = 0;
        while (found < most && end - at >= 9 && (bytes[at] & 0xff) == lead) {
            at += 9;
            found++;
        }
        return found;
    }

    private static void fill(int firstLead, int lastLead, int size, int valueClass) {
        Arrays.fill(SIZES, firstLead, lastLead + 1, (byte) size);
        Arrays.fill(CLASSES, firstLead, lastLead + 1, (short) valueClass);
    }
}
