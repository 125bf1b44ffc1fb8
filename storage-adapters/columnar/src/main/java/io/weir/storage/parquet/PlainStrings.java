package io.weir.storage.parquet;

import java.util.Arrays;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.io.api.Binary;

/** Strings in PLAIN encoding, each 4 bytes of length (least significant first) and its bytes; knows the least and greatest. */
final class PlainStrings {

    private final PageBuffer page;
    private int count;
    private int minStart;
    private int minEnd;
    private int maxStart;
    private int maxEnd;

    /** Appends to {@code page}, which must be empty and change in no other way. */
    PlainStrings(PageBuffer page) {
        this.page = page;
    }

    /** Number of strings. */
    int count() {
        return count;
    }

    /** Forgets every string. */
    void clear() {
        page.clear();
        count = 0;
    }

    /** Adds {@code source[start, end)}. */
    void add(byte[] source, int start, int end) {
        page.putInt(end - start);
        int from = page.size();
        page.put(source, start, end);
        int to = page.size();
        byte[] bytes = page.array();
        if (count == 0 || Arrays.compareUnsigned(bytes, from, to, bytes, minStart, minEnd) < 0) {
            minStart = from;
            minEnd = to;
        }
        if (count == 0 || Arrays.compareUnsigned(bytes, from, to, bytes, maxStart, maxEnd) > 0) {
            maxStart = from;
            maxEnd = to;
        }
        count++;
    }

    /** Gives the least and the greatest string to {@code statistics}, which copy them. At least one string. */
    void addTo(Statistics<?> statistics) {
        statistics.updateStats(Binary.fromReusedByteArray(page.array(), minStart, minEnd - minStart));
        statistics.updateStats(Binary.fromReusedByteArray(page.array(), maxStart, maxEnd - maxStart));
    }
}
