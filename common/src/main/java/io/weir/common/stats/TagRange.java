package io.weir.common.stats;

import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The values one tag has in a data file. Values are ordered by their UTF-8 bytes, as the query engine orders them and
 * {@link String#compareTo} does not. Each question is answered with true unless no row can have such a value; rows without
 * the tag never count.
 *
 * @param min least value
 * @param max greatest value
 * @param everywhere whether every row of the file has the tag
 * @param values every value, in order, when there are {@value #MOST_VALUES} at most; otherwise, or where they are not known,
 *     empty
 */
public record TagRange(String min, String max, boolean everywhere, List<String> values) {

    /** More different values are described by the least and the greatest alone. */
    public static final int MOST_VALUES = 16;

    public TagRange {
        values = List.copyOf(values);
    }

    /** A range of values that are not known one by one. */
    public TagRange(String min, String max, boolean everywhere) {
        this(min, max, everywhere, List.of());
    }

    /** Compares two values as the engine does. */
    public static int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                // What needs two of these stands behind everything that needs one.
                boolean behind = Character.isSurrogate(x);
                return behind == Character.isSurrogate(y) ? x - y : behind ? 1 : -1;
            }
        }
        return a.length() - b.length();
    }

    /** The same, when other rows do not have the tag. */
    public TagRange somewhere() {
        return new TagRange(min, max, false, values);
    }

    /** The values of the rows of both. */
    public TagRange union(TagRange other) {
        List<String> all = List.of();
        if (!values.isEmpty() && !other.values.isEmpty()) {
            TreeSet<String> both = new TreeSet<>(TagRange::compare);
            both.addAll(values);
            both.addAll(other.values);
            all = both.size() <= MOST_VALUES ? List.copyOf(both) : List.of();
        }
        return new TagRange(
                compare(min, other.min) <= 0 ? min : other.min,
                compare(max, other.max) >= 0 ? max : other.max,
                everywhere && other.everywhere,
                all);
    }

    /** The same without its single values. */
    TagRange withoutValues() {
        return new TagRange(min, max, everywhere);
    }

    /** Whether some row may have that value. */
    public boolean mayBe(String value) {
        return values.isEmpty() ? compare(min, value) <= 0 && compare(max, value) >= 0 : values.contains(value);
    }

    /** Whether some row may have one of those two values or one between; null for no bound on that side. */
    public boolean mayLieBetween(@Nullable String low, @Nullable String high) {
        return values.isEmpty()
                ? isFrom(low, max) && isUpTo(high, min)
                : any(value -> isFrom(low, value) && isUpTo(high, value));
    }

    /** Whether some row may have a value that begins so. */
    public boolean mayBegin(String prefix) {
        return values.isEmpty()
                ? compare(max, prefix) >= 0 && (compare(min, prefix) <= 0 || min.startsWith(prefix))
                : any(value -> value.startsWith(prefix));
    }

    private boolean any(Predicate<String> test) {
        return values.stream().anyMatch(test);
    }

    private static boolean isFrom(@Nullable String low, String value) {
        return low == null || compare(value, low) >= 0;
    }

    private static boolean isUpTo(@Nullable String high, String value) {
        return high == null || compare(value, high) <= 0;
    }
}
