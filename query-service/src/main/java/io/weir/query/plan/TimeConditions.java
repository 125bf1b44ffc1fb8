package io.weir.query.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Finds, in a parse tree, what the conditions of each {@code SELECT} say of the times of the measurements it reads. A row
 * of a measurement may be left out when no row it could make satisfies the condition; that holds for measurements that
 * stand in {@code FROM} themselves, joined in any way that takes rows for what they are and not for being nearest or next,
 * because a bound is not satisfied by a row without a time either. Whatever is not recognised says nothing.
 */
final class TimeConditions {

    private static final String TIME = "time";

    /** Levels of the tree of a bound, three an operator; one that is deeper is not worth working out. */
    private static final int DEEPEST = 100;

    private static final Set<String> PLAIN_JOINS = Set.of("REGULAR", "CROSS", "NATURAL");
    private static final Set<String> FILTERS = Set.of("SEMI", "ANTI");
    private static final Map<String, String> MIRRORED = Map.of(
            "COMPARE_GREATERTHAN", "COMPARE_LESSTHAN",
            "COMPARE_GREATERTHANOREQUALTO", "COMPARE_LESSTHANOREQUALTO",
            "COMPARE_LESSTHAN", "COMPARE_GREATERTHAN",
            "COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHANOREQUALTO",
            "COMPARE_EQUAL", "COMPARE_EQUAL");

    private final List<JsonNode> values = new ArrayList<>();
    private final IdentityHashMap<JsonNode, TimePredicate> found = new IdentityHashMap<>();
    private final Map<String, List<TimePredicate>> places = new HashMap<>();

    /** One relation of a {@code FROM}; {@code rows} when its rows may be left out. */
    private record Relation(JsonNode node, String alias, boolean rows) {}

    /** Reads the condition of a {@code SELECT_NODE}; to be called before its tables are {@linkplain #add added}. */
    void read(JsonNode select) {
        JsonNode condition = select.path("where_clause");
        List<Relation> relations = new ArrayList<>();
        if (condition.isMissingNode() || select.has("sample") || !collect(select.path("from_table"), true, relations)) {
            return;
        }
        for (Relation relation : relations) {
            boolean unique = relations.stream()
                            .filter(other -> other.alias().equals(relation.alias()))
                            .count()
                    == 1;
            if (relation.rows() && unique) {
                found.put(relation.node(), new Reader(relation.alias(), relations.size() == 1).of(condition));
            }
        }
    }

    /** Adds one place that names a measurement. */
    void add(TableReference table, JsonNode node) {
        places.computeIfAbsent(EngineNames.key(table.name()), name -> new ArrayList<>())
                .add(found.getOrDefault(node, TimePredicate.ANYTHING));
    }

    /** What was found. */
    TimeBounds bounds() {
        Map<String, TimePredicate> byName = new HashMap<>();
        places.forEach((name, all) -> byName.put(name, new TimePredicate.OneOf(List.copyOf(all))));
        return TimeBounds.of(byName, values);
    }

    private static boolean collect(JsonNode from, boolean rows, List<Relation> into) {
        String type = from.path("type").asString("");
        if (type.equals("JOIN")) {
            boolean filter = FILTERS.contains(from.path("join_type").asString(""));
            return PLAIN_JOINS.contains(from.path("ref_type").asString(""))
                    && collect(from.path("left"), rows, into)
                    && collect(from.path("right"), rows && !filter, into);
        }
        boolean plain = type.equals("BASE_TABLE") && !from.has("sample") && !from.has("column_name_alias");
        into.add(new Relation(from, EngineNames.key(alias(from)), rows && plain));
        return true;
    }

    private static String alias(JsonNode relation) {
        JsonNode path = relation.path("qualified_name").path("path");
        String name = path.isEmpty() ? "" : path.get(path.size() - 1).asString("");
        return relation.path("alias").asString(name);
    }

    /** Reads a condition for one relation. */
    private final class Reader {

        private final String alias;
        private final boolean alone;

        Reader(String alias, boolean alone) {
            this.alias = alias;
            this.alone = alone;
        }

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

        private TimePredicate comparison(JsonNode comparison) {
            String type = comparison.path("type").asString("");
            String mirrored = MIRRORED.get(type);
            if (mirrored == null) {
                return TimePredicate.ANYTHING;
            }
            JsonNode left = comparison.path("left");
            JsonNode right = comparison.path("right");
            if (isTime(left)) {
                return bound(type, right);
            }
            return isTime(right) ? bound(mirrored, left) : TimePredicate.ANYTHING;
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

        private boolean isTime(JsonNode expression) {
            JsonNode names = expression.path("column_names");
            if (!expression.path("class").asString("").equals("COLUMN_REF")) {
                return false;
            }
            return switch (names.size()) {
                case 1 -> alone && EngineNames.same(names.get(0).asString(""), TIME);
                case 2 ->
                    EngineNames.key(names.get(0).asString("")).equals(alias)
                            && EngineNames.same(names.get(1).asString(""), TIME);
                default -> false;
            };
        }
    }
}
