package io.weir.common.hot;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What tells one state of a measurement's hot rows from every other: the flush ids of its parts, which are unique for all
 * time, and how many rows each has, which only grow. Equal texts mean equal rows, across processes and restarts.
 */
public final class HotVersion {

    private HotVersion() {}

    /** The version of those parts, which are all of one measurement's. */
    public static String of(List<HotPart> parts) {
        SortedMap<String, Long> rows = new TreeMap<>();
        parts.forEach(part -> rows.put(part.flushId(), part.rows()));
        return of(rows);
    }

    /** The version of parts with that many rows, by flush id. */
    public static String of(SortedMap<String, Long> rows) {
        StringBuilder text = new StringBuilder();
        rows.forEach((flushId, count) ->
                text.append(flushId).append(':').append(count.longValue()).append(' '));
        return text.toString();
    }
}
