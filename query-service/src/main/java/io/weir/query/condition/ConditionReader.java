package io.weir.query.condition;

import io.weir.common.schema.MeasurementSchema;
import io.weir.query.plan.ConditionText;
import io.weir.query.plan.EngineNames;
import io.weir.query.plan.QueryParameters;
import io.weir.query.plan.TimeLiteral;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes a {@link Condition} of a parse tree: an allow-list, where whatever is not named here is refused with its place. */
final class ConditionReader {

    private static final int DEEPEST = 100;
    private static final String EXPECTED =
            " (expected: a column compared with a literal by =, !=, <, <=, >, >=, BETWEEN, IN, LIKE or IS NULL; AND, OR, NOT)";
    private static final Map<String, Comparison.Operator> OPERATORS = Map.of(
            "COMPARE_EQUAL", Comparison.Operator.EQUAL,
            "COMPARE_NOTEQUAL", Comparison.Operator.NOT_EQUAL,
            "COMPARE_LESSTHAN", Comparison.Operator.LESS,
            "COMPARE_LESSTHANOREQUALTO", Comparison.Operator.LESS_OR_EQUAL,
            "COMPARE_GREATERTHAN", Comparison.Operator.GREATER,
            "COMPARE_GREATERTHANOREQUALTO", Comparison.Operator.GREATER_OR_EQUAL);

    private final ConditionText text;

    ConditionReader(ConditionText text) {
        this.text = text;
    }

    Condition read() {
        return read(text.tree(), 0);
    }

    private Condition read(JsonNode node, int depth) {
        if (depth > DEEPEST) {
            throw text.refused("it is nested too deeply (expected: at most " + DEEPEST + " levels)", node);
        }
        JsonNode children = node.path("children");
        return switch (type(node)) {
            case "CONJUNCTION_AND" -> new Condition.AllOf(all(children, depth));
            case "CONJUNCTION_OR" -> anyOf(all(children, depth));
            case "OPERATOR_NOT" -> new Condition.Not(read(children.path(0), depth + 1));
            case "OPERATOR_IS_NULL" -> new Condition.IsNull(column(children.path(0)));
            case "OPERATOR_IS_NOT_NULL" -> new Condition.Not(new Condition.IsNull(column(children.path(0))));
            case "COMPARE_IN" -> in(children);
            case "COMPARE_BETWEEN" -> between(node);
            case "FUNCTION" -> like(node);
            case "COLUMN_REF" ->
                new Condition.Of(column(node), new Comparison(Comparison.Operator.EQUAL, Literal.ofBoolean(true)));
            case "VALUE_CONSTANT" -> constant(node);
            default -> comparison(node);
        };
    }

    private List<Condition> all(JsonNode children, int depth) {
        List<Condition> parts = new ArrayList<>();
        children.forEach(child -> parts.add(read(child, depth + 1)));
        return parts;
    }

    /** Where not all fail to hold. */
    private static Condition anyOf(List<Condition> parts) {
        return new Condition.Not(new Condition.AllOf(
                parts.stream().<Condition>map(Condition.Not::new).toList()));
    }

    private Condition in(JsonNode children) {
        String column = column(children.path(0));
        List<Condition> equal = new ArrayList<>();
        for (int i = 1; i < children.size(); i++) {
            equal.add(compared(column, Comparison.Operator.EQUAL, children.get(i)));
        }
        return anyOf(equal);
    }

    private Condition between(JsonNode node) {
        String column = column(node.path("input"));
        return new Condition.AllOf(List.of(
                compared(column, Comparison.Operator.GREATER_OR_EQUAL, node.path("lower")),
                compared(column, Comparison.Operator.LESS_OR_EQUAL, node.path("upper"))));
    }

    private Condition like(JsonNode call) {
        JsonNode path = call.path("qualified_name").path("path");
        String name = path.size() == 1 ? path.get(0).asString("") : "";
        JsonNode arguments = call.path("arguments");
        if ((!name.equals("~~") && !name.equals("!~~")) || arguments.size() != 2) {
            throw text.refused("function " + (name.isEmpty() ? "?" : name) + " is not supported" + EXPECTED, call);
        }
        String column = column(arguments.get(0).path("expression"));
        Literal pattern = literal(arguments.get(1).path("expression"));
        Condition like = pattern == null
                ? new Condition.Unknown(column)
                : new Condition.Of(column, new LikeTest(pattern.text()));
        return name.equals("~~") ? like : new Condition.Not(like);
    }

    private Condition comparison(JsonNode node) {
        Comparison.Operator operator = OPERATORS.get(type(node));
        if (operator == null) {
            throw text.refused(
                    type(node).toLowerCase(Locale.ROOT).replace('_', ' ') + " is not supported" + EXPECTED, node);
        }
        JsonNode left = node.path("left");
        JsonNode right = node.path("right");
        return isColumn(right) && !isColumn(left)
                ? compared(column(right), operator.mirrored(), left)
                : compared(column(left), operator, right);
    }

    private Condition compared(String column, Comparison.Operator operator, JsonNode literal) {
        Literal value = literal(literal);
        if (value == null) {
            return new Condition.Unknown(column);
        }
        if (EngineNames.same(column, MeasurementSchema.TIME) && value.micros() == null) {
            throw text.refused("a time is expected here (expected: like '2026-01-31T12:00:00Z', in UTC)", literal);
        }
        return new Condition.Of(column, new Comparison(operator, value));
    }

    private static boolean isColumn(JsonNode node) {
        return node.path("class").asString("").equals("COLUMN_REF");
    }

    private String column(JsonNode node) {
        JsonNode names = node.path("column_names");
        if (!isColumn(node) || names.size() != 1) {
            throw text.refused("a column by its name is expected here" + EXPECTED, node);
        }
        return names.get(0).asString("");
    }

    /** {@code true} and {@code false} stand for themselves. */
    private Condition constant(JsonNode node) {
        Literal value = literal(node);
        if (value == null || value.number() != null || value.bool() == null || value.micros() != null) {
            throw text.refused("a condition is expected here" + EXPECTED, node);
        }
        Condition always = new Condition.AllOf(List.of());
        return value.bool() ? always : new Condition.Not(always);
    }

    /** A literal; null for {@code NULL}. */
    private @Nullable Literal literal(JsonNode node) {
        Long micros = TimeLiteral.micros(node, QueryParameters.none());
        boolean cast = type(node).equals("OPERATOR_CAST");
        JsonNode literal = cast ? node.path("child").path("literal") : node.path("literal");
        String spelled = literal.path("text").asString("");
        return switch (cast && micros == null ? "" : literal.path("kind").asString("")) {
            case "NULL_LITERAL" -> null;
            case "BOOLEAN" -> Literal.ofBoolean(spelled.equalsIgnoreCase("true"));
            case "STRING" -> Literal.ofText(spelled, micros);
            case "INTEGER", "NUMERIC" -> number(spelled, node);
            default ->
                throw text.refused(
                        "a literal is expected here (expected: a number, a text or time in quotes, true, false or NULL)",
                        node);
        };
    }

    private Literal number(String spelled, JsonNode node) {
        try {
            return Literal.ofNumber(spelled);
        } catch (NumberFormatException e) {
            throw text.refused("this number is not understood (expected: digits, a point, an exponent)", node);
        }
    }

    private static String type(JsonNode node) {
        return node.path("type").asString("");
    }
}
