package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.common.model.TimeRange;
import io.weir.query.QueryError;
import io.weir.storage.duckdb.SessionConnection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which rows of a measurement are meant, by a condition that says the same of a row whenever and wherever it is asked.
 *
 * @param sql the condition over the measurement's columns, as the engine writes it; clocks are replaced by the time they showed
 * @param wholeTimes whether it is true for every row between two rows, in time, for which it is true
 * @param times times of all rows for which it can be true
 */
public record RowPredicate(String sql, boolean wholeTimes, TimeRange times) {

    private static final String TABLE = "m";
    private static final String BEFORE = "SELECT 1 FROM " + TABLE + " WHERE ";

    /** With everything in it that the engine needs to read a tree again. */
    private static final String WHOLE_TREE = "SELECT json_serialize_sql(?)";

    private static final int LONGEST = 100_000;
    private static final Set<String> CLOCKS = Set.of("now", "get_current_timestamp", "transaction_timestamp");
    private static final Set<String> CALENDARS = Set.of("today");

    /** What the fence lets into queries and a condition on one row cannot be, or would be something else tomorrow. */
    private static final Map<String, String> REFUSED = Map.of(
            "SUBQUERY", "a subquery",
            "WINDOW", "a window function",
            "PARAMETER", "a parameter",
            "STAR", "*, or COLUMNS(…),",
            "POSITIONAL_REFERENCE", "a column by its number");

    private static final Set<String> ORDERS = Set.of(
            "COMPARE_EQUAL",
            "COMPARE_LESSTHAN",
            "COMPARE_GREATERTHAN",
            "COMPARE_LESSTHANOREQUALTO",
            "COMPARE_GREATERTHANOREQUALTO");
    /** What the engine makes of a number of hours, say, from a time; {@code to_hours} and its like besides. */
    private static final Set<String> MOVES = Set.of("+", "-", "trunc");

    private static final Set<String> POSITIONS = Set.of("query_location", "query_location_length");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd").withZone(ZoneOffset.UTC);

    /**
     * Reads the condition, on the session's worker.
     *
     * @param where what would stand behind {@code WHERE}
     * @param now what its clocks show
     * @throws WeirException {@code sql-syntax} or {@code sql-not-allowed}
     */
    public static RowPredicate read(String where, Instant now, SessionConnection connection) throws SQLException {
        if (where.length() > LONGEST) {
            throw notAllowed("the condition has more than " + LONGEST + " characters");
        }
        StatementParser.Trees trees = text -> connection.text(StatementParser.TREE_SQL, text);
        fenced(BEFORE + where, trees); // what is wrong is said of the text that was sent
        ObjectNode root = tree(connection.text(WHOLE_TREE, BEFORE + where));
        requireNothingElse(root, tree(connection.text(WHOLE_TREE, BEFORE + "true")));
        JsonNode condition = new Clocks(now, connection).frozen(select(root).path("where_clause"));
        String sql = text(condition, connection);

        ParsedStatement.Select again = fenced(BEFORE + sql, trees);
        if (!meaning(select(tree(connection.text(WHOLE_TREE, BEFORE + sql))).path("where_clause"))
                .equals(meaning(condition))) {
            throw notAllowed("the condition cannot be written down so that it means the same (write it more simply)");
        }
        if (!StatementForm.of(sql, again).steady()) {
            throw notAllowed(
                    "the condition must say the same of a row whenever it is asked (expected: no chance, and of"
                            + " clocks only now() and today(), which stand for the time of the request)");
        }
        return new RowPredicate(sql, isOfWholeTimes(condition), times(again, connection));
    }

    private static ParsedStatement.Select fenced(String sql, StatementParser.Trees trees) throws SQLException {
        if (!(StatementParser.read(sql, trees) instanceof ParsedStatement.Select select)) {
            throw notAllowed("the condition is not one");
        }
        refuse(select.tree());
        return select;
    }

    private static void refuse(JsonNode node) {
        String refused = node.isObject() ? REFUSED.get(node.path("class").asString("")) : null;
        if (refused != null) {
            throw notAllowed(refused + " cannot be in the condition of a delete (expected: a condition on columns of"
                    + " one measurement)");
        }
        if (node.path("class").asString("").equals("COLUMN_REF")
                && node.path("column_names").size() > 1) {
            throw notAllowed("columns are named without their measurement in the condition of a delete");
        }
        node.forEach(RowPredicate::refuse);
    }

    private static ObjectNode tree(String json) {
        return (ObjectNode) StatementParser.tree(json);
    }

    private static JsonNode select(JsonNode root) {
        return root.path("statements").path(0).path("node");
    }

    /** Grouping, order, limits, other statements and whatever else may follow a condition. */
    private static void requireNothingElse(ObjectNode root, ObjectNode plain) {
        if (!withoutCondition(root).equals(withoutCondition(plain))) {
            throw notAllowed("something follows the condition (expected: what stands behind WHERE, and nothing else)");
        }
    }

    private static JsonNode withoutCondition(ObjectNode root) {
        JsonNode copy = meaning(root);
        if (select(copy) instanceof ObjectNode select) {
            select.remove("where_clause");
        }
        return copy;
    }

    /** A copy without the places in the text. */
    private static JsonNode meaning(JsonNode node) {
        JsonNode copy = node.deepCopy();
        removePositions(copy);
        return copy;
    }

    private static void removePositions(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(POSITIONS);
        }
        node.forEach(RowPredicate::removePositions);
    }

    /** The expression of that tree, as the engine writes it. */
    private static String text(JsonNode expression, SessionConnection connection) throws SQLException {
        ObjectNode root = tree(connection.text(WHOLE_TREE, "SELECT 1"));
        ((ArrayNode) select(root).path("select_list")).removeAll().add(expression);
        String sql = connection.text(TimeBounds.SQL_OF_TREE, root.toString());
        if (!sql.startsWith("SELECT ")) {
            throw new IllegalStateException("the engine writes " + sql + " (expected: SELECT and an expression)");
        }
        return sql.substring("SELECT ".length());
    }

    private static TimeRange times(ParsedStatement.Select condition, SessionConnection connection) throws SQLException {
        TimeBounds bounds = condition.times();
        if (bounds.isEmpty()) {
            return TimeRange.ALL;
        }
        List<@Nullable Long> known = bounds.known(QueryParameters.none());
        if (known == null) {
            String sql =
                    connection.text(TimeBounds.SQL_OF_TREE, bounds.question().tree());
            known = connection.longs(sql, List.of());
        }
        return bounds.range(TABLE, known);
    }

    private static boolean isOfWholeTimes(JsonNode node) {
        return switch (node.path("class").asString("")) {
            case "CONSTANT" -> true;
            case "CONJUNCTION" ->
                node.path("type").asString("").equals("CONJUNCTION_AND") && allOfWholeTimes(node.path("children"));
            case "COMPARISON" ->
                ORDERS.contains(node.path("type").asString(""))
                        && ((isTime(node.path("left")) && isFixed(node.path("right")))
                                || (isFixed(node.path("left")) && isTime(node.path("right"))));
            case "BETWEEN" -> isTime(node.path("input")) && isFixed(node.path("lower")) && isFixed(node.path("upper"));
            default -> false;
        };
    }

    private static boolean allOfWholeTimes(JsonNode conditions) {
        for (JsonNode condition : conditions) {
            if (!isOfWholeTimes(condition)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isTime(JsonNode node) {
        return node.path("class").asString("").equals("COLUMN_REF")
                && node.path("column_names").size() == 1
                && EngineNames.same("time", node.path("column_names").get(0).asString(""));
    }

    /** A literal, or one moved by an interval. */
    private static boolean isFixed(JsonNode node) {
        return switch (node.path("class").asString("")) {
            case "CONSTANT" -> true;
            case "CAST" -> isFixed(node.path("child"));
            case "FUNCTION" -> {
                String name = StatementFence.functionName(node);
                boolean moves = MOVES.contains(name) || name.startsWith("to_");
                yield moves && allFixed(node);
            }
            default -> false;
        };
    }

    private static boolean allFixed(JsonNode function) {
        for (JsonNode argument : arguments(function)) {
            if (!isFixed(argument.has("expression") ? argument.path("expression") : argument)) {
                return false;
            }
        }
        return true;
    }

    private static JsonNode arguments(JsonNode function) {
        return function.has("arguments") ? function.path("arguments") : function.path("children");
    }

    private static WeirException notAllowed(String detail) {
        return new WeirException(QueryError.SQL_NOT_ALLOWED, detail);
    }

    /** Replaces functions that look at the clock by what it shows. */
    private record Clocks(Instant now, SessionConnection connection) {

        JsonNode frozen(JsonNode node) throws SQLException {
            String literal = literal(node);
            if (literal != null) {
                return select(tree(connection.text(WHOLE_TREE, "SELECT " + literal)))
                        .path("select_list")
                        .path(0);
            }
            if (node instanceof ObjectNode object) {
                for (String member : List.copyOf(object.propertyNames())) {
                    object.set(member, frozen(object.path(member)));
                }
            } else if (node instanceof ArrayNode array) {
                for (int i = 0; i < array.size(); i++) {
                    array.set(i, frozen(array.get(i)));
                }
            }
            return node;
        }

        private @Nullable String literal(JsonNode node) {
            if (!node.path("class").asString("").equals("FUNCTION")
                    || !arguments(node).isEmpty()) {
                return null;
            }
            String name = EngineNames.key(StatementFence.functionName(node));
            if (CLOCKS.contains(name)) {
                return "TIMESTAMPTZ '" + TIME.format(now) + "+00'";
            }
            return CALENDARS.contains(name) ? "DATE '" + DATE.format(now) + "'" : null;
        }
    }
}
