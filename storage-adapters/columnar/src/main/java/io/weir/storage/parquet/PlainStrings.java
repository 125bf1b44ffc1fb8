package io.weir.storage.parquet;

import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.io.api.Binary;

/** Strings in PLAIN encoding, each 4 bytes of length (least significant first) and its bytes; knows the least and greatest. */
final class PlainStrings {

    private byte[] bytes = new byte[256];
    private int size;
    private int count;
    private int minStart;
    private int minEnd;
    private int maxStart;
    private int maxEnd;

    /** Number of strings. */
    int count() {
        return count;
    }

    /** Bytes of all strings with their lengths. */
    int size() {
        return size;
    }

    /** What was added; valid until {@link #clear}. */
    BytesInput bytes() {
        return BytesInput.from(bytes, 0, size);
    }

    /** Forgets every string. */
    void clear() {
        size = 0;
        count = 0;
    }

    /** Adds {@code source[start, end)}. */
    void add(byte[] source, int start, int end) {
        int length = end - start;
        reserve(length + Integer.BYTES);
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            bytes[size++] = (byte) (length >>> shift);
        }
        System.arraycopy(source, start, bytes, size, length);
        int from = size;
        size += length;
        if (count == 0 || Arrays.compareUnsigned(bytes, from, size, bytes, minStart, minEnd) < 0) {
            minStart = from;
            minEnd = size;
        }
        if (count == 0 || Arrays.compareUnsigned(bytes, from, size, bytes, maxStart, maxEnd) > 0) {
            maxStart = from;
            maxEnd = size;
        }
        count++;
    }

    /** Gives the least and the greatest string to {@code statistics}, which copy them. At least one string. */
    void addTo(Statistics<?> statistics) {
        statistics.updateStats(Binary.fromReusedByteArray(bytes, minStart, minEnd - minStart));
        statistics.updateStats(Binary.fromReusedByteArray(bytes, maxStart, maxEnd - maxStart));
    }

    private void reserve(int more) {
        long needed = (long) size + more;
        if (needed > Integer.MAX_VALUE - 16) {
            throw new IllegalArgumentException("strings of one page hold 2 GiB or more");
        }
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(needed, 2L * bytes.length)));
        }
    }
}
