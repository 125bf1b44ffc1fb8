package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.sql.SQLException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A condition over the columns of one row, as the engine's parser reads it behind {@code WHERE}. What of it is allowed
 * whoever compiles it decides; this makes sure that it is a condition and nothing else, and knows where in it things are.
 *
 * @param text the condition as sent
 * @param tree its parse tree
 */
public record ConditionText(String text, JsonNode tree) {

    private static final String BEFORE = "SELECT 1 WHERE ";
    private static final int LONGEST = 4_000;

    /**
     * Reads a condition.
     *
     * @throws WeirException {@code invalid-condition}, with the position where there is one; {@code sql-not-allowed} when it is too deep
     */
    public static ConditionText read(String text, StatementParser.Trees trees) throws SQLException {
        if (text.length() > LONGEST) {
            throw invalid(text, "it has " + text.length() + " characters (expected: at most " + LONGEST + ")", -1);
        }
        StatementDepth.check(text);
        JsonNode root = StatementParser.tree(trees.of(BEFORE + text));
        if (root.path("error").asBoolean(false)) {
            throw invalid(
                    text,
                    root.path("error_message").asString("it does not parse"),
                    root.path("position").asLong(-1) - BEFORE.length());
        }
        JsonNode condition = condition(root);
        JsonNode plain = StatementParser.tree(trees.of(BEFORE + "true"));
        if (condition.isMissingNode() || !withoutCondition(root).equals(withoutCondition(plain))) {
            throw invalid(text, "it is more than one condition (expected: no other clauses)", -1);
        }
        return new ConditionText(text, condition);
    }

    private static JsonNode condition(JsonNode root) {
        return root.path("statements").path(0).path("node").path("where_clause");
    }

    /** The statement around the condition, without places. */
    private static JsonNode withoutCondition(JsonNode root) {
        JsonNode rest = root.deepCopy();
        if (rest.path("statements").path(0).path("node") instanceof ObjectNode select) {
            select.remove("where_clause");
        }
        withoutPlaces(rest);
        return rest;
    }

    private static void withoutPlaces(JsonNode node) {
        if (node instanceof ObjectNode members) {
            members.remove(List.of("query_location", "query_location_length"));
        }
        node.forEach(ConditionText::withoutPlaces);
    }

    /** What to answer when {@code part} of the condition is not right. */
    public WeirException refused(String why, JsonNode part) {
        int start = StatementFence.start(part);
        return invalid(text, why, start < 0 ? -1 : start - BEFORE.length());
    }

    private static WeirException invalid(String text, String why, long startByte) {
        return new WeirException(
                QueryError.INVALID_CONDITION,
                "where: " + why + SqlPosition.phrase(text, startByte),
                SqlPosition.context(text, startByte));
    }
}
