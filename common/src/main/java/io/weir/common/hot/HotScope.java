package io.weir.common.hot;

import io.weir.common.model.TimeRange;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of a measurement's hot rows that a query can need. It only saves work: whoever answers may give more rows and
 * more columns than it says, never fewer.
 *
 * @param times times the query asks for
 * @param columns names it can mean columns by, A to Z in lower case; null for every column
 */
public record HotScope(TimeRange times, @Nullable Set<String> columns) {

    /** Everything. */
    public static final HotScope ALL = new HotScope(TimeRange.ALL, null);

    public HotScope {
        columns = columns == null ? null : Set.copyOf(columns);
    }

    /**
     * Whether the query can mean the column of that name: by the name itself, or, where names differ in case only, by the
     * name followed by {@code _1}, {@code _2}, …
     */
    public boolean mayMean(String column) {
        if (columns == null) {
            return true;
        }
        String key = lower(column);
        return columns.contains(key) || columns.stream().anyMatch(name -> isNumbered(name, key));
    }

    private static boolean isNumbered(String name, String key) {
        int digits = key.length() + 1;
        return name.length() > digits
                && name.startsWith(key)
                && name.charAt(key.length()) == '_'
                && name.chars().skip(digits).allMatch(c -> c >= '0' && c <= '9');
    }

    private static String lower(String name) {
        StringBuilder lower = new StringBuilder(name);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                lower.setCharAt(i, (char) (c + ('a' - 'A')));
            }
        }
        return lower.toString();
    }
}
