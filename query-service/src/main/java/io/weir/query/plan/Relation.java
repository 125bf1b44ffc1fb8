package io.weir.query.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A measurement in {@code FROM} of a {@code SELECT}, rows of which may be left out when no row they could make satisfies the
 * condition: it stands there itself, joined in any way that takes rows for what they are and not for being nearest or next.
 *
 * @param node its place in the tree
 * @param alias key of the name it has there, which nothing else has
 * @param alone whether it is the only one there, so that columns need not be named with it
 */
record Relation(JsonNode node, String alias, boolean alone) {

    private static final Set<String> PLAIN_JOINS = Set.of("REGULAR", "CROSS", "NATURAL");
    private static final Set<String> FILTERS = Set.of("SEMI", "ANTI");
    private static final Map<String, String> MIRRORED = Map.of(
            "COMPARE_GREATERTHAN", "COMPARE_LESSTHAN",
            "COMPARE_GREATERTHANOREQUALTO", "COMPARE_LESSTHANOREQUALTO",
            "COMPARE_LESSTHAN", "COMPARE_GREATERTHAN",
            "COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHANOREQUALTO",
            "COMPARE_EQUAL", "COMPARE_EQUAL");

    /** Any relation of a {@code FROM}; {@code rows} when its rows may be left out. */
    private record Named(JsonNode node, String alias, boolean rows) {}

    /**
     * A comparison of a column with something else.
     *
     * @param column key of the column
     * @param type how they compare, the column on the left
     * @param value the other side
     */
    record Comparison(String column, String type, JsonNode value) {}

    /** Those of a {@code SELECT_NODE}. */
    static List<Relation> of(JsonNode select) {
        List<Named> all = new ArrayList<>();
        if (select.has("sample") || !collect(select.path("from_table"), true, all)) {
            return List.of();
        }
        List<Relation> relations = new ArrayList<>();
        for (Named one : all) {
            boolean unique = all.stream()
                            .filter(other -> other.alias().equals(one.alias()))
                            .count()
                    == 1;
            if (one.rows() && unique) {
                relations.add(new Relation(one.node(), one.alias(), all.size() == 1));
            }
        }
        return relations;
    }

    private static boolean collect(JsonNode from, boolean rows, List<Named> into) {
        String type = from.path("type").asString("");
        if (type.equals("JOIN")) {
            boolean filter = FILTERS.contains(from.path("join_type").asString(""));
            return PLAIN_JOINS.contains(from.path("ref_type").asString(""))
                    && collect(from.path("left"), rows, into)
                    && collect(from.path("right"), rows && !filter, into);
        }
        boolean plain = type.equals("BASE_TABLE") && !from.has("sample") && !from.has("column_name_alias");
        into.add(new Named(from, EngineNames.key(name(from)), rows && plain));
        return true;
    }

    private static String name(JsonNode relation) {
        JsonNode path = relation.path("qualified_name").path("path");
        String name = path.isEmpty() ? "" : path.get(path.size() - 1).asString("");
        return relation.path("alias").asString(name);
    }

    /**
     * Key of the column of this relation that an expression is, if the relation has one of that name; null for every other
     * expression.
     */
    @Nullable
    String column(JsonNode expression) {
        JsonNode names = expression.path("column_names");
        if (!expression.path("class").asString("").equals("COLUMN_REF")) {
            return null;
        }
        return switch (names.size()) {
            case 1 -> alone ? EngineNames.key(names.get(0).asString("")) : null;
            case 2 ->
                EngineNames.key(names.get(0).asString("")).equals(alias)
                        ? EngineNames.key(names.get(1).asString(""))
                        : null;
            default -> null;
        };
    }

    /** A comparison of one of its columns with what is none of them; null for every other condition. */
    @Nullable
    Comparison comparison(JsonNode condition) {
        String type = condition.path("type").asString("");
        String mirrored = MIRRORED.get(type);
        if (mirrored == null) {
            return null;
        }
        String left = column(condition.path("left"));
        String right = column(condition.path("right"));
        if ((left == null) == (right == null)) {
            return null;
        }
        return left != null
                ? new Comparison(left, type, condition.path("right"))
                : new Comparison(right, mirrored, condition.path("left"));
    }
}
