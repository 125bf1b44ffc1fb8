package io.weir.query.plan;

import io.weir.common.model.TimeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The ranges of times a statement asks for, by measurement. The bounds are expressions of the statement; the engine itself
 * works them out, so that its own rules for texts, dates and intervals decide. Immutable.
 */
public final class TimeBounds {

    /** Gives the SQL of the tree bound to its one parameter. */
    public static final String SQL_OF_TREE = "SELECT json_deserialize_sql(?::JSON)";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Map<String, TimePredicate> byName;
    private final List<JsonNode> values;

    private TimeBounds(Map<String, TimePredicate> byName, List<JsonNode> values) {
        this.byName = Map.copyOf(byName);
        this.values = List.copyOf(values);
    }

    static TimeBounds of(Map<String, TimePredicate> byName, List<JsonNode> values) {
        return new TimeBounds(byName, values);
    }

    /**
     * A statement to work the bounds out.
     *
     * @param tree its tree: one row with every bound in UTC microseconds, null where it has no value
     * @param parameters names, in the whole statement, of its parameters, {@code $1} first
     */
    public record Question(String tree, List<String> parameters) {

        /** Values of its parameters out of those of the whole. */
        public List<@Nullable Object> values(QueryParameters given) {
            List<@Nullable Object> values = new ArrayList<>();
            parameters.forEach(name -> values.add(given.value(name)));
            return values;
        }
    }

    /** What to ask the engine when the bounds are not {@link #known}. */
    public Question question() {
        List<String> parameters = new ArrayList<>();
        ArrayNode columns = NODES.arrayNode();
        values.forEach(value -> columns.add(micros(numbered(value.deepCopy(), parameters))));
        ObjectNode select = NODES.objectNode().put("type", "SELECT_NODE");
        select.set("select_list", columns);
        select.set("cte_map", NODES.objectNode());
        select.set("from_table", NODES.objectNode().put("type", "EMPTY"));
        select.put("aggregate_handling", "STANDARD_HANDLING");
        ObjectNode root = NODES.objectNode().put("error", false);
        root.putArray("statements").addObject().set("node", select);
        return new Question(root.toString(), parameters);
    }

    /** Whether no bound was found. */
    public boolean isEmpty() {
        return values.isEmpty();
    }

    /** Every bound in UTC microseconds, if none of them needs the engine; otherwise null. */
    public @Nullable List<@Nullable Long> known(QueryParameters given) {
        List<@Nullable Long> known = new ArrayList<>();
        for (JsonNode value : values) {
            Long micros = TimeLiteral.micros(value, given);
            if (micros == null) {
                return null;
            }
            known.add(micros);
        }
        return known;
    }

    /**
     * Times of that measurement the statement asks for, wherever it names it.
     *
     * @param bounds those of {@link #known}, or what {@link #question} was answered; empty when it was not run
     */
    public TimeRange range(String measurement, List<@Nullable Long> bounds) {
        TimePredicate predicate = byName.get(EngineNames.key(measurement));
        return predicate == null || bounds.size() != values.size() ? TimeRange.ALL : predicate.range(bounds);
    }

    /** Names the parameters of an expression by numbers of ours. */
    private static JsonNode numbered(JsonNode expression, List<String> parameters) {
        if (expression instanceof ObjectNode object
                && object.path("class").asString("").equals("PARAMETER")) {
            String name = object.path("identifier").asString("");
            int index = parameters.indexOf(name);
            if (index < 0) {
                parameters.add(name);
                index = parameters.size() - 1;
            }
            object.put("identifier", Integer.toString(index + 1));
        }
        expression.forEach(child -> numbered(child, parameters));
        return expression;
    }

    /** {@code TRY(epoch_us(CAST(expression AS TIMESTAMPTZ)))}. */
    private static ObjectNode micros(JsonNode expression) {
        ObjectNode type =
                NODES.objectNode().put("class", "TYPE").put("type", "TYPE").put("type_name", "TIMESTAMPTZ");
        type.putObject("qualified_name").putArray("path").add("TIMESTAMPTZ");
        ObjectNode cast = NODES.objectNode().put("class", "CAST").put("type", "OPERATOR_CAST");
        cast.set("child", expression);
        cast.put("try_cast", false).set("type_expr", type);
        ObjectNode epoch = NODES.objectNode().put("class", "FUNCTION").put("type", "FUNCTION");
        epoch.put("function_name", "epoch_us");
        epoch.set("order_bys", NODES.objectNode().put("type", "ORDER_MODIFIER"));
        epoch.put("distinct", false).put("is_operator", false).put("export_state", false);
        epoch.putArray("arguments").addObject().set("expression", cast);
        epoch.putObject("qualified_name").putArray("path").add("epoch_us");
        ObjectNode attempt = NODES.objectNode().put("class", "OPERATOR").put("type", "OPERATOR_TRY");
        attempt.putArray("children").add(epoch);
        return attempt;
    }
}
