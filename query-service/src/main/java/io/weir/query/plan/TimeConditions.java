package io.weir.query.plan;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Finds what the condition of a {@code SELECT} says of the times of a measurement in its {@code FROM}. Whatever is not
 * recognised says nothing.
 *
 * @param values expressions of the bounds of the whole statement; more are added
 */
record TimeConditions(Relation relation, List<JsonNode> values) {

    private static final String TIME = "time";

    /** Levels of the tree of a bound, three an operator; one that is deeper is not worth working out. */
    private static final int DEEPEST = 100;

    /** What that condition says. */
    TimePredicate of(JsonNode condition) {
        return switch (condition.path("type").asString("")) {
            case "CONJUNCTION_AND" -> new TimePredicate.AllOf(parts(condition));
            case "CONJUNCTION_OR" -> new TimePredicate.OneOf(parts(condition));
            case "COMPARE_BETWEEN" -> between(condition);
            case "COMPARE_IN" -> in(condition.path("children"));
            default -> comparison(condition);
        };
    }

    private List<TimePredicate> parts(JsonNode conjunction) {
        List<TimePredicate> parts = new ArrayList<>();
        conjunction.path("children").forEach(child -> parts.add(of(child)));
        return parts;
    }

    private TimePredicate between(JsonNode between) {
        if (!isTime(between.path("input"))) {
            return TimePredicate.ANYTHING;
        }
        return new TimePredicate.AllOf(List.of(
                bound("COMPARE_GREATERTHANOREQUALTO", between.path("lower")),
                bound("COMPARE_LESSTHANOREQUALTO", between.path("upper"))));
    }

    private TimePredicate in(JsonNode children) {
        if (children.size() < 2 || !isTime(children.get(0))) {
            return TimePredicate.ANYTHING;
        }
        List<TimePredicate> any = new ArrayList<>();
        for (int i = 1; i < children.size(); i++) {
            any.add(bound("COMPARE_EQUAL", children.get(i)));
        }
        return new TimePredicate.OneOf(any);
    }

    private boolean isTime(JsonNode expression) {
        return TIME.equals(relation.column(expression));
    }

    private TimePredicate comparison(JsonNode condition) {
        Relation.Comparison comparison = relation.comparison(condition);
        return comparison != null && comparison.column().equals(TIME)
                ? bound(comparison.type(), comparison.value())
                : TimePredicate.ANYTHING;
    }

    private TimePredicate bound(String type, JsonNode value) {
        TimeValue kind = TimeValue.of(value);
        if (kind == TimeValue.UNKNOWN || isDeeper(value, DEEPEST)) {
            return TimePredicate.ANYTHING;
        }
        int beyond = type.endsWith("THAN") ? 1 : 0; // times are whole microseconds
        List<TimePredicate> bounds = new ArrayList<>();
        if (!type.startsWith("COMPARE_LESSTHAN")) {
            bounds.add(new TimePredicate.From(number(value), beyond));
        }
        // What moves with the clock is asked for before the statement runs: it may be later then.
        if (!type.startsWith("COMPARE_GREATERTHAN") && kind == TimeValue.FIXED) {
            bounds.add(new TimePredicate.Until(number(value), beyond));
        }
        return new TimePredicate.AllOf(bounds);
    }

    private static boolean isDeeper(JsonNode node, int levels) {
        if (levels == 0) {
            return true;
        }
        for (JsonNode child : node) {
            if (isDeeper(child, levels - 1)) {
                return true;
            }
        }
        return false;
    }

    private int number(JsonNode value) {
        values.add(value);
        return values.size() - 1;
    }
}
