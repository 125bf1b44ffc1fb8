package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Bounds what the engine writes out anew wherever a name stands for it: an alias of a select list in the items behind it, and a common
 * table expression that is {@code NOT MATERIALIZED} in every {@code FROM}. Where each names the one before it twice, what is to be planned
 * doubles with each, so some thirty of them take all memory there is. Not thread-safe: for one statement.
 */
final class CopiedNames {

    /** Parts of expressions that stand where aliases are: planning this many takes half a second. */
    private static final long MOST_PARTS = 20_000;

    /** Tables that are read where such expressions are named: planning this many takes a quarter of a second. */
    private static final long MOST_TABLES = 1_000;

    /** By what begins a reference to an alias and to nothing else. */
    private static final String ALIAS = "alias";

    private Map<String, Long> tablesOf = Map.of();
    private long tables;

    /** Measures the items of a {@code SELECT}. @throws WeirException {@code sql-not-allowed} when aliases stand for too much */
    static void checkAliases(JsonNode items) {
        Map<String, Long> sizes = new HashMap<>();
        long copied = 0;
        for (JsonNode item : items) {
            long size = size(item, sizes);
            copied += size - size(item, Map.of());
            if (copied > MOST_PARTS) {
                throw new WeirException(
                        QueryError.SQL_NOT_ALLOWED,
                        "columns name columns of the same SELECT that name others so often that they would stand for more than "
                                + MOST_PARTS + " parts (use a subquery)");
            }
            String alias = item.path("alias").asString("");
            if (!alias.isEmpty()) {
                sizes.put(EngineNames.key(alias), size);
            }
        }
    }

    /** Parts of an expression once its aliases are written out, and arguments of functions that are defined by others copied. */
    private static long size(JsonNode node, Map<String, Long> sizes) {
        if (node.path("class").asString("").equals("COLUMN_REF")) {
            JsonNode names = node.path("column_names");
            boolean mayBeAlias = names.size() == 1
                    || (names.size() == 2 && names.get(0).asString("").equalsIgnoreCase(ALIAS));
            return mayBeAlias
                    ? sizes.getOrDefault(
                            EngineNames.key(names.get(names.size() - 1).asString("")), 1L)
                    : 1;
        }
        long parts = 0;
        for (JsonNode child : node) {
            parts += size(child, sizes);
        }
        boolean isExpression = node.has("class");
        long times = isExpression ? CopiedArguments.timesOf(node) : 1;
        return Math.min(Integer.MAX_VALUE, (isExpression ? 1 : 0) + times * parts);
    }

    /** Goes into a query, which sees the common table expressions around it. @return what {@link #leave} takes */
    Map<String, Long> enter() {
        Map<String, Long> around = tablesOf;
        tablesOf = new HashMap<>(around);
        return around;
    }

    /** Comes out of the query for which {@link #enter} gave that. */
    void leave(Map<String, Long> around) {
        tablesOf = around;
    }

    /** Goes into a common table expression. @return what {@link #end} takes */
    long begin() {
        long before = tables;
        tables = 0;
        return before;
    }

    /** Comes out of the common table expression of that name, for which {@link #begin} gave that. */
    void end(String key, JsonNode expression, long before) {
        if (expression.path("materialized").asString("").equals("CTE_MATERIALIZE_NEVER")) {
            tablesOf.put(key, Math.max(1, tables));
            tables = before;
        } else {
            tablesOf.remove(key); // computed once, however often it is named
            tables += before;
        }
    }

    /**
     * Meets a table in a {@code FROM}.
     *
     * @param cte key of the common table expression that it names, null for a measurement
     * @throws WeirException {@code sql-not-allowed} when what it stands for is too much
     */
    void table(@Nullable String cte) {
        Long copied = cte == null ? null : tablesOf.get(cte);
        tables += copied == null ? 1 : copied;
        if (copied != null && tables > MOST_TABLES) {
            throw new WeirException(
                    QueryError.SQL_NOT_ALLOWED,
                    "common table expressions that are NOT MATERIALIZED name each other so often that more than "
                            + MOST_TABLES + " tables would be read (expected: AS MATERIALIZED, or neither)");
        }
    }
}
