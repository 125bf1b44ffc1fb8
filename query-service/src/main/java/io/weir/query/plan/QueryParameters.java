package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The values a request gives for its statement's parameters: by position or by name. Values are null, Boolean, Long,
 * BigInteger, Double, BigDecimal or String. Immutable.
 */
public final class QueryParameters {

    private static final QueryParameters NONE = positional(List.of());

    private final Map<String, @Nullable Object> values;

    private QueryParameters(Map<String, @Nullable Object> values) {
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** No values. */
    public static QueryParameters none() {
        return NONE;
    }

    /** Values of {@code ?} in order, or of {@code $1}, {@code $2}, …. */
    public static QueryParameters positional(List<? extends @Nullable Object> values) {
        Map<String, @Nullable Object> byNumber = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            byNumber.put(Integer.toString(i + 1), values.get(i));
        }
        return new QueryParameters(byNumber);
    }

    /** Values of {@code $name}. */
    public static QueryParameters named(Map<String, ? extends @Nullable Object> values) {
        return new QueryParameters(new LinkedHashMap<>(values));
    }

    /** That parameter's value; null also when there is none. */
    @Nullable
    Object value(String name) {
        return values.get(name);
    }

    /** Values in the engine's order; named parameters become numbered ones, which is all the driver can bind. */
    List<@Nullable Object> bind(List<ParameterReference> references, StatementSplicer splicer) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        boolean numbered = references.stream().allMatch(reference -> isNumber(reference.identifier()));
        int highest = 0;
        for (ParameterReference reference : references) {
            String identifier = reference.identifier();
            if (!values.containsKey(identifier)) {
                throw invalid("no value for parameter $" + identifier, identifier);
            }
            if (numbered) {
                highest = Math.max(highest, Integer.parseInt(identifier));
            } else {
                Integer number = numbers.computeIfAbsent(identifier, name -> numbers.size() + 1);
                int end = reference.startByte() + reference.lengthBytes();
                splicer.replace(reference.startByte(), end, "$" + number);
            }
        }
        int used = numbered ? highest : numbers.size();
        if (used != values.size()) {
            throw new WeirException(
                    QueryError.INVALID_PARAMETER,
                    values.size() + " parameter values for a statement that has " + used + " parameters");
        }
        List<@Nullable Object> bound = new ArrayList<>();
        if (numbered) {
            for (int number = 1; number <= highest; number++) {
                bound.add(values.get(Integer.toString(number)));
            }
        } else {
            numbers.keySet().forEach(name -> bound.add(values.get(name)));
        }
        return bound;
    }

    /** Characters of the values as text, about what they take. */
    public int length() {
        int length = 0;
        for (Map.Entry<String, @Nullable Object> value : values.entrySet()) {
            length += value.getKey().length() + String.valueOf(value.getValue()).length();
        }
        return length;
    }

    /** How many there are, and then of each its name, its type and its value: equal texts mean equal parameters, in any process. */
    public List<String> texts() {
        List<String> texts = new ArrayList<>();
        texts.add(Integer.toString(values.size()));
        new TreeMap<>(values).forEach((name, value) -> {
            texts.add(name);
            texts.add(value == null ? "" : value.getClass().getName());
            texts.add(String.valueOf(value));
        });
        return texts;
    }

    /** Of the same values, each of the same kind of number. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof QueryParameters that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    private static boolean isNumber(String identifier) {
        return !identifier.isEmpty()
                && identifier.length() < 5
                && identifier.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static WeirException invalid(String detail, String name) {
        return new WeirException(QueryError.INVALID_PARAMETER, detail, Map.of("parameter", name));
    }
}
