package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Walks a parse tree and lets only what it knows pass: kinds of query nodes, table references, expressions and
 * functions. On the way it collects the measurements and the parameters. A name that is a common table expression in
 * scope is not a measurement; whatever this scoping gets wrong can only miss, because a session holds no other relations
 * than those bound for the names collected here, and names of the engine's own relations are refused for common table
 * expressions.
 */
final class StatementFence {

    private static final Set<String> QUERY_NODES =
            Set.of("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE");
    private static final Set<String> TABLE_REFERENCES =
            Set.of("BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "SHOW_REF", "PIVOT");
    private static final Set<String> MODIFIERS = Set.of(
            "ORDER_MODIFIER",
            "LIMIT_MODIFIER",
            "LIMIT_PERCENT_MODIFIER",
            "DISTINCT_MODIFIER",
            "ORDER_DEFAULT",
            "ASCENDING",
            "DESCENDING");
    private static final Set<String> EXPRESSIONS = Set.of(
            "COLUMN_REF",
            "CONSTANT",
            "FUNCTION",
            "WINDOW",
            "COMPARISON",
            "CONJUNCTION",
            "OPERATOR",
            "CAST",
            "CASE",
            "BETWEEN",
            "SUBQUERY",
            "STAR",
            "PARAMETER",
            "LAMBDA",
            "LAMBDA_REF",
            "COLLATE",
            "POSITIONAL_REFERENCE",
            "TYPE");
    private static final List<String> ENGINE_RELATIONS = List.of("duckdb_", "pragma_", "pg_", "sqlite_");
    private static final long NOWHERE = -1;

    /** The engine plans a conjunction in the square of its length. */
    private static final int MOST_CONDITIONS = 2_000;

    /** The engine plans queries in one another in more than the square of their depth. */
    private static final int MOST_QUERIES = 100;

    private final String sql;
    private final PivotMarks pivots;
    private int marksFound;
    private int queries;
    private final List<TableReference> tables = new ArrayList<>();
    private final List<ColumnReference> qualified = new ArrayList<>();
    private final List<ParameterReference> parameters = new ArrayList<>();
    private final Conditions conditions = new Conditions();
    private final ColumnUse columns = new ColumnUse();
    private final CopiedArguments copied = new CopiedArguments();
    private final CopiedNames copiedNames = new CopiedNames();

    StatementFence(PivotMarks pivots) {
        this.sql = pivots.sql();
        this.pivots = pivots;
    }

    /** The statement with that query node at its root. @throws WeirException {@code sql-not-allowed} */
    ParsedStatement.Select check(JsonNode root) {
        visit(root, Set.of());
        if (marksFound != pivots.count()) {
            throw notAllowed("this PIVOT cannot be resolved safely (list its columns: ON x IN (...))", NOWHERE);
        }
        return new ParsedStatement.Select(
                sql,
                pivots,
                tables,
                qualified,
                parameters,
                conditions.times(),
                conditions.tags(),
                columns.names(),
                "",
                root);
    }

    private void visit(JsonNode node, Set<String> scope) {
        if (node.isArray()) {
            node.forEach(child -> visit(child, scope));
            return;
        }
        if (!node.isObject()) {
            return;
        }
        JsonNode type = node.path("type");
        if (node.has("class")) {
            expression(node, scope);
        } else if (!type.isString()) {
            children(node, scope);
        } else if (QUERY_NODES.contains(type.asString())) {
            queryNode(node, scope);
        } else if (TABLE_REFERENCES.contains(type.asString())) {
            tableReference(node, type.asString(), scope);
        } else if (MODIFIERS.contains(type.asString())) {
            children(node, scope);
        } else {
            throw notAllowed(noun(type.asString()) + " is not supported", start(node));
        }
    }

    private void children(JsonNode node, Set<String> scope) {
        node.properties().forEach(property -> visit(property.getValue(), scope));
    }

    private void queryNode(JsonNode node, Set<String> outer) {
        boolean select = node.path("type").asString("").equals("SELECT_NODE");
        queries += select ? 1 : 0;
        if (queries > MOST_QUERIES) {
            throw notAllowed("queries nested more than " + MOST_QUERIES + " deep are not allowed", NOWHERE);
        }
        Set<String> scope = new HashSet<>(outer);
        if (select) {
            conditions.read(node);
            CopiedNames.checkAliases(node.path("select_list"));
        }
        Map<String, Long> around = copiedNames.enter();
        for (JsonNode entry : node.path("cte_map").path("map")) {
            String name = entry.path("key").asString("");
            requireOwnName(name);
            long before = copiedNames.begin();
            visit(entry.path("value"), Set.copyOf(scope));
            copiedNames.end(key(name), entry.path("value"), before);
            scope.add(key(name));
        }
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            String name = property.getKey();
            if (name.equals("cte_map")) {
                continue;
            }
            boolean recursiveSide = node.has("cte_name") && !name.equals("left");
            visit(
                    property.getValue(),
                    recursiveSide ? with(scope, node.path("cte_name").asString("")) : scope);
        }
        copiedNames.leave(around);
        queries -= select ? 1 : 0;
    }

    private static Set<String> with(Set<String> scope, String name) {
        Set<String> wider = new HashSet<>(scope);
        wider.add(key(name));
        return wider;
    }

    private void requireOwnName(String cte) {
        String lower = key(cte);
        if (!EngineNames.isPlain(cte) || ENGINE_RELATIONS.stream().anyMatch(lower::startsWith)) {
            throw notAllowed("a common table expression cannot be named " + cte, NOWHERE);
        }
    }

    private void tableReference(JsonNode node, String type, Set<String> scope) {
        columns.relation(node);
        switch (type) {
            case "BASE_TABLE" -> {
                TableReference table = table(sql, node);
                boolean isMeasurement = table.database() != null || !scope.contains(key(table.name()));
                copiedNames.table(isMeasurement ? null : key(table.name()));
                if (isMeasurement) {
                    tables.add(table);
                    conditions.add(table, node);
                }
                visit(node.path("sample"), scope);
            }
            case "TABLE_FUNCTION" -> {
                JsonNode function = node.path("function");
                String name = functionName(function);
                if (!AllowedFunctions.isAllowedInFrom(name)) {
                    throw notAllowed("table function " + name + " is not allowed", start(node));
                }
                children(function, scope);
            }
            case "PIVOT" -> {
                node.path("pivots").forEach(this::pivot);
                children(node, scope);
            }
            case "SHOW_REF" -> {
                String show = node.path("show_type").asString("");
                if (!node.has("query") || !(show.equals("DESCRIBE") || show.equals("SUMMARY"))) {
                    throw notAllowed("SHOW is only allowed as a statement of its own", start(node));
                }
                children(node, scope);
            }
            default -> children(node, scope);
        }
    }

    private void pivot(JsonNode pivot) {
        if (pivot.has("pivot_enum")) {
            throw notAllowed("PIVOT over the values of a type is not supported", NOWHERE);
        }
        JsonNode entries = pivot.path("entries");
        String only =
                entries.path(0).path("star_expr").path("literal").path("text").asString("");
        if (entries.size() == 1 && pivots.count() > 0 && only.equals(pivots.mark())) {
            marksFound++;
        }
    }

    private void expression(JsonNode node, Set<String> scope) {
        columns.expression(node);
        String kind = node.path("class").asString("");
        if (kind.equals("CONJUNCTION") && node.path("children").size() > MOST_CONDITIONS) {
            throw notAllowed(
                    "AND or OR of more than " + MOST_CONDITIONS + " conditions is not allowed (use IN)", start(node));
        }
        if (!EXPRESSIONS.contains(kind)) {
            throw notAllowed(noun(kind) + " is not supported", start(node));
        }
        if (kind.equals("COLUMN_REF") && node.path("column_names").size() > 2 && start(node) >= 0) {
            List<String> parts = new ArrayList<>();
            node.path("column_names").forEach(part -> parts.add(part.asString("")));
            qualified.add(new ColumnReference(parts, start(node)));
        }
        if (kind.equals("FUNCTION") || kind.equals("WINDOW")) {
            String name = functionName(node);
            if (!AllowedFunctions.isAllowed(name)) {
                throw notAllowed("function " + name + " is not allowed", start(node));
            }
        }
        if (kind.equals("TYPE") && node.path("qualified_name").path("path").size() > 1) {
            throw notAllowed("qualified type names are not allowed", start(node));
        }
        if (kind.equals("PARAMETER")) {
            int length = node.path("query_location_length").asInt(0);
            parameters.add(new ParameterReference(node.path("identifier").asString(""), start(node), length));
        }
        long around = copied.enter(node);
        children(node, scope);
        copied.leave(around);
    }

    /** The measurement a {@code BASE_TABLE} names. */
    static TableReference table(String sql, JsonNode node) {
        JsonNode path = node.path("qualified_name").path("path");
        if (path.isEmpty() || path.size() > 2) {
            throw new WeirException(
                    QueryError.SQL_NOT_ALLOWED,
                    "a table is named by measurement or database.measurement" + SqlPosition.phrase(sql, start(node)),
                    SqlPosition.context(sql, start(node)));
        }
        if (node.has("at_clause")) {
            throw new WeirException(
                    QueryError.SQL_NOT_ALLOWED,
                    "AT is not supported" + SqlPosition.phrase(sql, start(node)),
                    SqlPosition.context(sql, start(node)));
        }
        String name = path.get(path.size() - 1).asString();
        String database = path.size() == 2 ? path.get(0).asString() : null;
        return new TableReference(database, name, node.hasNonNull("alias"), start(node));
    }

    /** Where the parser says the node starts, in bytes, or -1. */
    static int start(JsonNode node) {
        JsonNode location = node.path("query_location");
        return location.canConvertToInt() ? location.asInt() : -1;
    }

    static String functionName(JsonNode function) {
        JsonNode path = function.path("qualified_name").path("path");
        return path.isEmpty()
                ? function.path("function_name").asString("")
                : path.get(path.size() - 1).asString();
    }

    private static String key(String name) {
        return EngineNames.key(name);
    }

    private static String noun(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private WeirException notAllowed(String detail, long startByte) {
        return new WeirException(
                QueryError.SQL_NOT_ALLOWED,
                detail + SqlPosition.phrase(sql, startByte),
                SqlPosition.context(sql, startByte));
    }
}
