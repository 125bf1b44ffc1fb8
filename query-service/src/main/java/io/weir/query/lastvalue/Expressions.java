package io.weir.query.lastvalue;

import io.weir.query.plan.EngineNames;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What expressions of one {@code SELECT} over one measurement depend on. Whatever is not known here depends on everything. */
final class Expressions {

    /** Give the same for the same arguments, all through a statement, and look at one row. */
    private static final Set<String> SCALARS = Set.of(
            "+",
            "-",
            "*",
            "/",
            "//",
            "%",
            "||",
            "~~",
            "!~~",
            "~~*",
            "!~~*",
            "abs",
            "round",
            "floor",
            "ceil",
            "ceiling",
            "trunc",
            "sqrt",
            "ln",
            "log10",
            "power",
            "pow",
            "sign",
            "isnan",
            "isfinite",
            "lower",
            "upper",
            "trim",
            "ltrim",
            "rtrim",
            "length",
            "left",
            "right",
            "substr",
            "substring",
            "replace",
            "split_part",
            "starts_with",
            "ends_with",
            "prefix",
            "suffix",
            "contains",
            "regexp_matches",
            "regexp_extract",
            "regexp_replace",
            "concat",
            "concat_ws",
            "coalesce",
            "ifnull",
            "nullif",
            "greatest",
            "least",
            "now",
            "get_current_timestamp",
            "current_timestamp",
            "transaction_timestamp",
            "current_date",
            "today",
            "date_trunc",
            "datetrunc",
            "time_bucket",
            "date_part",
            "datepart",
            "date_diff",
            "datediff",
            "age",
            "epoch",
            "epoch_ms",
            "epoch_us",
            "epoch_ns",
            "strftime",
            "make_timestamp",
            "make_timestamptz",
            "to_timestamp",
            "to_years",
            "to_months",
            "to_weeks",
            "to_days",
            "to_hours",
            "to_minutes",
            "to_seconds",
            "to_milliseconds",
            "to_microseconds");

    private static final Set<String> CLASSES = Set.of(
            "COLUMN_REF",
            "CONSTANT",
            "FUNCTION",
            "COMPARISON",
            "CONJUNCTION",
            "OPERATOR",
            "CAST",
            "CASE",
            "BETWEEN",
            "PARAMETER",
            "TYPE");
    private static final Set<String> NEWEST = Set.of("arg_max", "max_by", "argmax");
    private static final Set<String> ORDERED = Set.of("last", "first", "any_value");

    private final String alias;
    private final Columns columns;
    private final Map<String, JsonNode> outputs = new HashMap<>();
    private final Set<String> ambiguous = new HashSet<>();

    /**
     * @param alias key of the name that the measurement goes by
     * @param select the expressions that are selected, whose aliases others may use
     */
    Expressions(String alias, Columns columns, JsonNode select) {
        this.alias = alias;
        this.columns = columns;
        for (JsonNode item : select) {
            String name = EngineNames.key(item.path("alias").asString(""));
            if (!name.isEmpty() && outputs.put(name, item) != null) {
                ambiguous.add(name);
            }
        }
    }

    /** Whether no alias hides {@code time} or a tag, but perhaps one that is just that column. */
    boolean aliasesHideNothing() {
        return outputs.entrySet().stream().allMatch(output -> {
            boolean hides = output.getKey().equals(Columns.TIME) || columns.isTag(output.getKey());
            return !hides || columns.tags() == null || output.getKey().equals(ownColumn(output.getValue()));
        });
    }

    /** Whether no alias hides a tag, and {@code time} at most as the latest time. */
    boolean aggregateAliasesHideNothing() {
        return outputs.entrySet().stream().allMatch(output -> {
            boolean time = output.getKey().equals(Columns.TIME) && isLatestTime(output.getValue());
            boolean hides = output.getKey().equals(Columns.TIME) || columns.isTag(output.getKey());
            return time || !hides || columns.tags() == null || output.getKey().equals(ownColumn(output.getValue()));
        });
    }

    /** Whether it depends on the row's tags only, and on at least one; aliases count for what they stand for. */
    boolean isOfTags(JsonNode expression) {
        return hasReference(expression) && depends(expression, true, false, 0);
    }

    /** Whether it is a condition that depends on the row's tags only, where aliases mean nothing. */
    boolean isConditionOfTags(JsonNode expression) {
        return depends(expression, false, false, 0);
    }

    /** Whether it looks at one row only, whichever columns. */
    boolean isOfRow(JsonNode expression) {
        if (isStar(expression)) {
            return true;
        }
        if (clazz(expression).equals("COLUMN_REF")) {
            return true;
        }
        return isScalar(expression) && allChildren(expression, this::isOfRow);
    }

    /** Whether it looks at no row. */
    boolean isConstant(JsonNode expression) {
        return !clazz(expression).equals("COLUMN_REF")
                && isScalar(expression)
                && allChildren(expression, this::isConstant);
    }

    /**
     * Whether it depends, of a group of whole series, on their tags and on aggregates of their newest rows only.
     *
     * @param aliases whether aliases count for what they stand for
     */
    boolean isOfNewest(JsonNode expression, boolean aliases) {
        return depends(expression, aliases, true, 0);
    }

    /** Whether some aggregate is in it. */
    boolean hasAggregate(JsonNode expression) {
        if (isNewestAggregate(expression)) {
            return true;
        }
        for (JsonNode child : expression) {
            if (hasAggregate(child)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is {@code max(time)}. */
    boolean isLatestTime(JsonNode expression) {
        return clazz(expression).equals("FUNCTION")
                && function(expression).equals("max")
                && isPlainCall(expression)
                && expression.path("order_bys").path("orders").isEmpty()
                && expression.path("arguments").size() == 1
                && isTime(argument(expression, 0));
    }

    boolean isTime(JsonNode expression) {
        return Columns.TIME.equals(ownColumn(expression));
    }

    /** Key of the column of the measurement that it is; null for anything else. */
    @Nullable
    String ownColumn(JsonNode expression) {
        JsonNode names = expression.path("column_names");
        if (!clazz(expression).equals("COLUMN_REF")) {
            return null;
        }
        return switch (names.size()) {
            case 1 -> EngineNames.key(names.get(0).asString(""));
            case 2 ->
                EngineNames.key(names.get(0).asString("")).equals(alias)
                        ? EngineNames.key(names.get(1).asString(""))
                        : null;
            default -> null;
        };
    }

    boolean isTag(JsonNode expression) {
        String column = ownColumn(expression);
        return column != null && columns.isTag(column);
    }

    private boolean depends(JsonNode expression, boolean aliases, boolean aggregates, int depth) {
        if (depth > 64) {
            return false;
        }
        if (clazz(expression).equals("COLUMN_REF")) {
            String column = ownColumn(expression);
            if (column == null || ambiguous.contains(column)) {
                return false;
            }
            if (columns.tags() != null && columns.isTag(column)) {
                return true;
            }
            JsonNode output = aliases && expression.path("column_names").size() == 1 ? outputs.get(column) : null;
            if (output != null && !output.equals(expression)) {
                return (aggregates || !columns.isOther(column)) && depends(output, false, aggregates, depth + 1);
            }
            return columns.isTag(column);
        }
        if (aggregates && isNewestAggregate(expression)) {
            return true;
        }
        return isScalar(expression) && allChildren(expression, child -> depends(child, aliases, aggregates, depth + 1));
    }

    private boolean isNewestAggregate(JsonNode expression) {
        if (isLatestTime(expression)) {
            return true;
        }
        if (!clazz(expression).equals("FUNCTION") || !isPlainCall(expression)) {
            return false;
        }
        String name = function(expression);
        JsonNode orders = expression.path("order_bys").path("orders");
        int arguments = expression.path("arguments").size();
        if (NEWEST.contains(name)) {
            return arguments == 2
                    && orders.isEmpty()
                    && ownColumn(argument(expression, 0)) != null
                    && isTime(argument(expression, 1));
        }
        if (!ORDERED.contains(name)
                || arguments != 1
                || orders.size() != 1
                || ownColumn(argument(expression, 0)) == null) {
            return false;
        }
        JsonNode order = orders.get(0);
        boolean descending = order.path("type").asString("").equals("DESCENDING");
        return isTime(order.path("expression")) && descending == !name.equals("last");
    }

    private static boolean isPlainCall(JsonNode call) {
        return !call.has("filter")
                && !call.path("distinct").asBoolean(false)
                && !call.path("export_state").asBoolean(false);
    }

    private static JsonNode argument(JsonNode call, int index) {
        return call.path("arguments").get(index).path("expression");
    }

    /** Of a kind that looks at one row, its operands aside. */
    private static boolean isScalar(JsonNode expression) {
        String clazz = clazz(expression);
        if (!CLASSES.contains(clazz)) {
            return false;
        }
        return !clazz.equals("FUNCTION")
                || (SCALARS.contains(function(expression))
                        && isPlainCall(expression)
                        && expression.path("order_bys").path("orders").isEmpty());
    }

    private static boolean isStar(JsonNode expression) {
        return clazz(expression).equals("STAR")
                && !expression.path("columns").asBoolean(false)
                && !expression.has("expr")
                && !expression.has("replace_list")
                && !expression.has("rename_list")
                && !expression.has("unpacked");
    }

    private static boolean hasReference(JsonNode expression) {
        if (clazz(expression).equals("COLUMN_REF")) {
            return true;
        }
        for (JsonNode child : expression) {
            if (hasReference(child)) {
                return true;
            }
        }
        return false;
    }

    /** Expressions nearest below, however they are wrapped. */
    private static boolean allChildren(JsonNode node, Predicate<JsonNode> test) {
        for (JsonNode child : node) {
            boolean holds = child.has("class") ? test.test(child) : allChildren(child, test);
            if (!holds) {
                return false;
            }
        }
        return true;
    }

    private static String clazz(JsonNode expression) {
        return expression.path("class").asString("");
    }

    private static String function(JsonNode call) {
        JsonNode path = call.path("qualified_name").path("path");
        return path.size() == 1 ? path.get(0).asString("").toLowerCase(Locale.ROOT) : "";
    }
}
