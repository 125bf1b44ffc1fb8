package io.weir.query.lastvalue;

import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * One {@code SELECT} over one measurement alone, and whether its answer depends on nothing but the newest rows of each series: those
 * whose tags satisfy conditions, and whose time is not too early. Conditions on anything else could let an older row in.
 *
 * <pre>
 *   SELECT tags, arg_max(field, time), max(time) … GROUP BY tags        groups of whole series
 *   SELECT DISTINCT tags …
 *   SELECT DISTINCT ON (tags) … ORDER BY tags, time DESC, …             the first row is one of the newest
 *   SELECT … QUALIFY row_number() OVER (PARTITION BY tags ORDER BY time DESC) = 1
 *   SELECT … ORDER BY time DESC LIMIT 1
 * </pre>
 */
final class NewestSelect {

    private static final Set<String> PARTS = Set.of(
            "type",
            "modifiers",
            "cte_map",
            "select_list",
            "from_table",
            "where_clause",
            "group_expressions",
            "group_sets",
            "aggregate_handling",
            "having",
            "qualify");
    private static final Set<String> FIRST_OF_WINDOW = Set.of("WINDOW_ROW_NUMBER", "WINDOW_RANK", "WINDOW_RANK_DENSE");

    private final JsonNode select;
    private final String table;
    private final Expressions expressions;

    NewestSelect(JsonNode select, String table, Columns columns) {
        this.select = select;
        this.table = table;
        this.expressions =
                new Expressions(LastShape.alias(select.path("from_table")), columns, select.path("select_list"));
    }

    Expressions expressions() {
        return expressions;
    }

    boolean holds() {
        boolean known = select.propertyNames().stream().allMatch(PARTS::contains)
                && select.path("cte_map").path("map").isEmpty()
                && LastShape.isPlainTable(select.path("from_table"), table)
                && (!select.has("where_clause") || isWholeSeries(select.path("where_clause")));
        return known && (isGrouped() || isDistinctTags() || isFirstRow());
    }

    /** Lets rows through by tags, and not those before some time. */
    private boolean isWholeSeries(JsonNode condition) {
        if (condition.path("type").asString("").equals("CONJUNCTION_AND")) {
            for (JsonNode part : condition.path("children")) {
                if (!isWholeSeries(part)) {
                    return false;
                }
            }
            return true;
        }
        JsonNode left = condition.path("left");
        JsonNode right = condition.path("right");
        return switch (condition.path("type").asString("")) {
            case "COMPARE_GREATERTHAN", "COMPARE_GREATERTHANOREQUALTO" ->
                (expressions.isTime(left) && expressions.isConstant(right)) || expressions.isConditionOfTags(condition);
            case "COMPARE_LESSTHAN", "COMPARE_LESSTHANOREQUALTO" ->
                (expressions.isTime(right) && expressions.isConstant(left)) || expressions.isConditionOfTags(condition);
            default -> expressions.isConditionOfTags(condition);
        };
    }

    /** Groups of whole series, and of them tags and aggregates of newest rows. */
    boolean isGrouped() {
        JsonNode keys = select.path("group_expressions");
        boolean forced = select.path("aggregate_handling").asString("").equals("FORCE_AGGREGATES");
        if (select.has("qualify")
                || select.path("group_sets").size() > 1
                || !expressions.aggregateAliasesHideNothing()) {
            return false;
        }
        boolean aggregates = false;
        for (JsonNode item : select.path("select_list")) {
            if (!expressions.isOfNewest(item, false)) {
                return false;
            }
            aggregates |= expressions.hasAggregate(item);
        }
        for (JsonNode key : keys) {
            if (!isGroupKey(key)) {
                return false;
            }
        }
        if (select.has("having")) {
            aggregates = true;
            if (!expressions.isOfNewest(select.path("having"), true)) {
                return false;
            }
        }
        return (aggregates || forced || !keys.isEmpty()) && modifiersAreOfNewest();
    }

    private boolean isGroupKey(JsonNode key) {
        if (key.path("class").asString("").equals("CONSTANT")) {
            JsonNode literal = key.path("literal");
            int position = literal.path("kind").asString("").equals("INTEGER")
                    ? (int) Math.min(Integer.MAX_VALUE, literal.path("text").asLong(0))
                    : 0;
            JsonNode items = select.path("select_list");
            return position >= 1 && position <= items.size() && expressions.isConditionOfTags(items.get(position - 1));
        }
        return expressions.isOfTags(key);
    }

    private boolean modifiersAreOfNewest() {
        for (JsonNode modifier : select.path("modifiers")) {
            boolean holds = switch (modifier.path("type").asString("")) {
                case "LIMIT_MODIFIER" -> true;
                case "DISTINCT_MODIFIER" -> modifier.path("distinct_on_targets").isEmpty();
                case "ORDER_MODIFIER" -> {
                    boolean all = true;
                    for (JsonNode order : modifier.path("orders")) {
                        JsonNode by = order.path("expression");
                        all &= by.path("class").asString("").equals("CONSTANT") || expressions.isOfNewest(by, true);
                    }
                    yield all;
                }
                default -> false;
            };
            if (!holds) {
                return false;
            }
        }
        return true;
    }

    /** The tags that series have. */
    private boolean isDistinctTags() {
        JsonNode modifiers = select.path("modifiers");
        if (hasAny("group_expressions", "group_sets", "having", "qualify") || modifiers.isEmpty()) {
            return false;
        }
        JsonNode first = modifiers.get(0);
        boolean distinct = first.path("type").asString("").equals("DISTINCT_MODIFIER")
                && first.path("distinct_on_targets").isEmpty();
        if (!distinct || !expressions.aliasesHideNothing()) {
            return false;
        }
        for (JsonNode item : select.path("select_list")) {
            if (!expressions.isOfTags(item)) {
                return false;
            }
        }
        return modifiersAreOfNewest();
    }

    /** The first row of each group of whole series, or of all, by an order in which newer ones come first. */
    private boolean isFirstRow() {
        if (hasAny("group_expressions", "group_sets", "having")
                || !select.path("aggregate_handling").asString("").equals("STANDARD_HANDLING")
                || !expressions.aliasesHideNothing()) {
            return false;
        }
        for (JsonNode item : select.path("select_list")) {
            if (!expressions.isOfRow(item)) {
                return false;
            }
        }
        return select.has("qualify") ? isFirstOfWindow() : isFirstOfDistinct() || isFirstOfAll();
    }

    private boolean isFirstOfWindow() {
        JsonNode qualify = select.path("qualify");
        if (!qualify.path("type").asString("").equals("COMPARE_EQUAL")) {
            return false;
        }
        boolean windowFirst = qualify.path("left").path("class").asString("").equals("WINDOW");
        JsonNode window = qualify.path(windowFirst ? "left" : "right");
        JsonNode number = qualify.path(windowFirst ? "right" : "left");
        if (!FIRST_OF_WINDOW.contains(window.path("type").asString("")) || !isOne(number) || window.has("filter")) {
            return false;
        }
        for (JsonNode partition : window.path("partitions")) {
            if (!expressions.isOfTags(partition)) {
                return false;
            }
        }
        return isNewestFirst(window.path("orders")) && modifiersAreOfRows();
    }

    private boolean isFirstOfDistinct() {
        JsonNode modifiers = select.path("modifiers");
        if (modifiers.size() < 2 || !modifiers.get(0).path("type").asString("").equals("DISTINCT_MODIFIER")) {
            return false;
        }
        JsonNode targets = modifiers.get(0).path("distinct_on_targets");
        for (JsonNode target : targets) {
            if (!expressions.isOfTags(target)) {
                return false;
            }
        }
        boolean limitOnly = modifiers.size() == 2
                || (modifiers.size() == 3
                        && modifiers.get(2).path("type").asString("").equals("LIMIT_MODIFIER"));
        return !targets.isEmpty()
                && limitOnly
                && modifiers.get(1).path("type").asString("").equals("ORDER_MODIFIER")
                && isNewestFirst(modifiers.get(1).path("orders"));
    }

    private boolean isFirstOfAll() {
        JsonNode modifiers = select.path("modifiers");
        if (modifiers.size() != 2) {
            return false;
        }
        JsonNode limit = modifiers.get(1);
        return modifiers.get(0).path("type").asString("").equals("ORDER_MODIFIER")
                && isNewestFirst(modifiers.get(0).path("orders"))
                && limit.path("type").asString("").equals("LIMIT_MODIFIER")
                && limit.path("limit_type").asString("ROW_COUNT").equals("ROW_COUNT")
                && isOne(limit.path("limit"))
                && !limit.has("offset");
    }

    /** Tags first, if any, then the latest time; what decides among rows of one time does not matter. */
    private boolean isNewestFirst(JsonNode orders) {
        boolean time = false;
        for (JsonNode order : orders) {
            JsonNode by = order.path("expression");
            if (time) {
                if (!expressions.isOfRow(by)) {
                    return false;
                }
            } else if (expressions.isTime(by)) {
                if (!order.path("type").asString("").equals("DESCENDING")) {
                    return false;
                }
                time = true;
            } else if (!expressions.isOfTags(by)) {
                return false;
            }
        }
        return time;
    }

    private boolean modifiersAreOfRows() {
        for (JsonNode modifier : select.path("modifiers")) {
            boolean holds = switch (modifier.path("type").asString("")) {
                case "LIMIT_MODIFIER" -> true;
                case "DISTINCT_MODIFIER" -> modifier.path("distinct_on_targets").isEmpty();
                case "ORDER_MODIFIER" -> {
                    boolean all = true;
                    for (JsonNode order : modifier.path("orders")) {
                        all &= expressions.isOfRow(order.path("expression"));
                    }
                    yield all;
                }
                default -> false;
            };
            if (!holds) {
                return false;
            }
        }
        return true;
    }

    private boolean hasAny(String... parts) {
        for (String part : parts) {
            if (select.has(part)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOne(JsonNode expression) {
        return expression.path("class").asString("").equals("CONSTANT")
                && expression.path("literal").path("kind").asString("").equals("INTEGER")
                && expression.path("literal").path("text").asString("").equals("1");
    }
}
