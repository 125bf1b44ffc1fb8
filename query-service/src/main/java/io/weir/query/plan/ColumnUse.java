package io.weir.query.plan;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Collects, from the expressions and joins of a parse tree, the names that can mean columns, so that wide measurements are not
 * bound with hundreds of columns for a query that names three. Where a statement can mean columns without naming them (stars,
 * positions, natural joins, a table's name as a value), it uses all.
 */
final class ColumnUse {

    /** Relations that mean every column of their source. */
    private static final Set<String> WHOLE = Set.of("SHOW_REF", "PIVOT");

    private final Set<String> names = new HashSet<>();
    private final Set<String> last = new HashSet<>();
    private final Set<String> relations = new HashSet<>();
    private boolean all;

    /** Reads an expression, without those inside of it. */
    void expression(JsonNode node) {
        switch (node.path("class").asString("")) {
            case "STAR", "POSITIONAL_REFERENCE" -> all = true;
            case "COLUMN_REF" -> {
                JsonNode parts = node.path("column_names");
                parts.forEach(part -> names.add(EngineNames.key(part.asString(""))));
                if (!parts.isEmpty()) {
                    last.add(EngineNames.key(parts.get(parts.size() - 1).asString("")));
                }
            }
            case "FUNCTION" -> {
                JsonNode path = node.path("qualified_name").path("path");
                for (int i = 0; i < path.size() - 1; i++) {
                    names.add(EngineNames.key(
                            path.get(i).asString(""))); // column.function() looks like schema.function()
                }
            }
            default -> {
                // Names nothing by itself.
            }
        }
    }

    /** Reads a relation of a {@code FROM}, without those inside of it. */
    void relation(JsonNode node) {
        if (WHOLE.contains(node.path("type").asString(""))
                || node.path("ref_type").asString("").equals("NATURAL")) {
            all = true;
        }
        node.path("using_columns").forEach(name -> names.add(EngineNames.key(name.asString(""))));
        JsonNode path = node.path("qualified_name").path("path");
        if (!path.isEmpty()) {
            relations.add(EngineNames.key(path.get(path.size() - 1).asString("")));
        }
        if (node.hasNonNull("alias")) {
            relations.add(EngineNames.key(node.path("alias").asString("")));
        }
        if (node.has("column_name_alias")) {
            all = true; // names go to columns by position
        }
    }

    /** Keys of all names that can mean columns, as {@link EngineNames#key} makes them; null for every column. */
    @Nullable
    Set<String> names() {
        return all || last.stream().anyMatch(relations::contains) ? null : Set.copyOf(names);
    }
}
