package io.weir.query.continuous;

import java.util.HexFormat;

/**
 * Tells rows of a window from others, whatever their order: two sums of 64 bits over the rows, and their number. Not made to
 * withstand somebody who wants two sets of rows to look alike. Not thread-safe.
 */
final class RowsDigest {

    private static final long FIRST = 0x9E3779B97F4A7C15L;
    private static final long SECOND = 0xC2B2AE3D27D4EB4FL;

    private long row;
    private long otherRow;
    private long sum;
    private long otherSum;
    private long rows;

    /** Adds a value to the current row; the order of values counts. */
    void add(long value) {
        row = mixed(row * 31 + value + FIRST);
        otherRow = mixed((otherRow ^ value) * SECOND + 1);
    }

    /** Adds a text to the current row. */
    void add(byte[] text) {
        add(text.length);
        long word = 0;
        for (int i = 0; i < text.length; i++) {
            word = word << 8 | (text[i] & 0xFF);
            if ((i & 7) == 7) {
                add(word);
                word = 0;
            }
        }
        add(word);
    }

    /** Ends the current row. */
    void endRow() {
        sum += mixed(row ^ SECOND);
        otherSum += mixed(otherRow ^ FIRST);
        rows++;
        row = 0;
        otherRow = 0;
    }

    private static long mixed(long value) {
        long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /** What the rows have in common with equal ones. */
    String text() {
        HexFormat hex = HexFormat.of();
        return rows + "-" + hex.toHexDigits(sum) + hex.toHexDigits(otherSum);
    }
}
