package io.weir.query.lastvalue;

import io.weir.common.schema.MeasurementSchema;
import io.weir.query.plan.EngineNames;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A statement that reads a measurement only where its answer depends on nothing but the newest rows of each series. Every place
 * that names the measurement must be in a {@code SELECT} of which that is proven ({@link NewestSelect}) or in a join with one
 * ({@link NewestJoin}); what is done with their rows then is free. Whatever is not recognised does not fit. Immutable.
 */
public final class LastShape {

    private final JsonNode tree;
    private final String table;

    private LastShape(JsonNode tree, String table) {
        this.tree = tree;
        this.table = table;
    }

    /**
     * The shape of a statement for one measurement; null when it has none whatever the columns of the measurement are.
     *
     * @param tree its parse tree
     * @param name the measurement as the statement names it
     */
    public static @Nullable LastShape of(JsonNode tree, String name) {
        LastShape shape = new LastShape(tree, EngineNames.key(name));
        return shape.fits(Columns.UNKNOWN) ? shape : null;
    }

    /** Whether the statement depends on nothing but the newest rows of a measurement with that schema. */
    public boolean fits(MeasurementSchema schema) {
        return fits(Columns.of(schema));
    }

    private boolean fits(Columns columns) {
        Set<JsonNode> proven = Collections.newSetFromMap(new IdentityHashMap<>());
        prove(tree, columns, proven);
        return !proven.isEmpty() && allProven(tree, proven);
    }

    private void prove(JsonNode node, Columns columns, Set<JsonNode> proven) {
        switch (node.path("type").asString("")) {
            case "SELECT_NODE" -> {
                if (new NewestSelect(node, table, columns).holds()) {
                    proven.add(node.path("from_table"));
                }
                NewestJoin.ofTuples(node, table, columns, proven);
            }
            case "JOIN" -> NewestJoin.of(node, table, columns, proven);
            default -> {
                // Proves nothing by itself.
            }
        }
        node.forEach(child -> prove(child, columns, proven));
    }

    private boolean allProven(JsonNode node, Set<JsonNode> proven) {
        if (isTable(node, table) && !proven.contains(node)) {
            return false;
        }
        for (JsonNode child : node) {
            if (!allProven(child, proven)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the node names that measurement in a {@code FROM}, of whatever database. */
    static boolean isTable(JsonNode node, String table) {
        JsonNode path = node.path("qualified_name").path("path");
        return node.path("type").asString("").equals("BASE_TABLE")
                && !path.isEmpty()
                && EngineNames.key(path.get(path.size() - 1).asString("")).equals(table);
    }

    /** Whether nothing is said of that place but its name and an alias. */
    static boolean isPlainTable(JsonNode node, String table) {
        return isTable(node, table) && !node.has("sample") && !node.has("column_name_alias") && !node.has("at_clause");
    }

    /** Key of the name that a table goes by. */
    static String alias(JsonNode table) {
        JsonNode path = table.path("qualified_name").path("path");
        String name = path.isEmpty() ? "" : path.get(path.size() - 1).asString("");
        return EngineNames.key(table.path("alias").asString(name));
    }
}
