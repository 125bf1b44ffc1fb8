package io.weir.query.lastvalue;

import io.weir.query.plan.EngineNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A measurement joined with the latest times of groups of its own series, which leaves the newest rows of each group, or more
 * conditions than that.
 *
 * <pre>
 *   cpu c JOIN (SELECT host, max(time) AS t FROM cpu GROUP BY host) m ON c.host = m.host AND c.time = m.t
 *   cpu JOIN (SELECT host, max(time) AS time FROM cpu GROUP BY host) m USING (host, time)
 *   cpu WHERE (host, time) IN (SELECT host, max(time) FROM cpu GROUP BY host)
 * </pre>
 */
final class NewestJoin {

    private NewestJoin() {}

    /** Adds the places of the measurement in a join, if it is such a one. */
    static void of(JsonNode join, String table, Columns columns, Set<JsonNode> proven) {
        if (!join.path("join_type").asString("").equals("INNER")
                || !join.path("ref_type").asString("").equals("REGULAR")) {
            return;
        }
        JsonNode left = join.path("left");
        JsonNode right = join.path("right");
        boolean rowsFirst = LastShape.isPlainTable(left, table);
        JsonNode rows = rowsFirst ? left : right;
        JsonNode latest = rowsFirst ? right : left;
        if (!LastShape.isPlainTable(rows, table)
                || !latest.path("type").asString("").equals("SUBQUERY")
                || latest.has("sample")
                || latest.has("column_name_alias")) {
            return;
        }
        Groups groups = Groups.of(latest.path("subquery").path("node"), table, columns);
        if (groups != null
                && isNewestOfGroups(
                        join, rows, EngineNames.key(latest.path("alias").asString("")), groups)) {
            proven.add(rows);
        }
    }

    /** Adds the measurement of a {@code SELECT} whose rows must be among such pairs of tags and time. */
    static void ofTuples(JsonNode select, String table, Columns columns, Set<JsonNode> proven) {
        JsonNode from = select.path("from_table");
        if (LastShape.isPlainTable(from, table)) {
            JsonNode condition = select.path("where_clause");
            List<JsonNode> parts = new ArrayList<>();
            if (condition.path("type").asString("").equals("CONJUNCTION_AND")) {
                condition.path("children").forEach(parts::add);
            } else {
                parts.add(condition);
            }
            if (parts.stream().anyMatch(part -> isAmongLatest(part, from, table, columns))) {
                proven.add(from);
            }
        }
    }

    private static boolean isAmongLatest(JsonNode condition, JsonNode from, String table, Columns columns) {
        JsonNode tuple = condition.path("child");
        JsonNode path = tuple.path("qualified_name").path("path");
        boolean among = condition.path("class").asString("").equals("SUBQUERY")
                && condition.path("subquery_type").asString("").equals("ANY")
                && condition.path("comparison_type").asString("").equals("COMPARE_EQUAL")
                && path.size() == 1
                && path.get(0).asString("").equals("row");
        JsonNode latest = condition.path("subquery").path("node");
        Groups groups = among ? Groups.of(latest, table, columns) : null;
        if (groups == null
                || tuple.path("arguments").size() != latest.path("select_list").size()) {
            return false;
        }
        Expressions rows = new Expressions(LastShape.alias(from), columns, latest.path("nothing"));
        Set<String> matched = new HashSet<>();
        boolean time = false;
        for (int i = 0; i < latest.path("select_list").size(); i++) {
            String column = rows.ownColumn(tuple.path("arguments").get(i).path("expression"));
            JsonNode item = latest.path("select_list").get(i);
            if (column != null && column.equals(Columns.TIME)) {
                time |= groups.expressions().isLatestTime(item);
            } else if (column != null && column.equals(groups.expressions().ownColumn(item))) {
                matched.add(column);
            } else {
                return false;
            }
        }
        return time && matched.containsAll(groups.outputs().keySet());
    }

    private static boolean isNewestOfGroups(JsonNode join, JsonNode rows, String latest, Groups groups) {
        Set<String> equal = new HashSet<>(); // "column of rows = output of groups"
        join.path("using_columns").forEach(name -> {
            String key = EngineNames.key(name.asString(""));
            equal.add(key + '=' + key);
        });
        JsonNode condition = join.path("condition");
        if (condition.path("type").asString("").equals("CONJUNCTION_AND")) {
            condition.path("children").forEach(part -> addEqual(part, LastShape.alias(rows), latest, equal));
        } else {
            addEqual(condition, LastShape.alias(rows), latest, equal);
        }
        boolean keys = groups.outputs().entrySet().stream()
                .allMatch(key -> equal.contains(key.getKey() + '=' + key.getValue()));
        return keys && equal.contains(Columns.TIME + '=' + groups.time());
    }

    private static void addEqual(JsonNode comparison, String rows, String latest, Set<String> equal) {
        if (!comparison.path("type").asString("").equals("COMPARE_EQUAL")) {
            return;
        }
        JsonNode left = comparison.path("left").path("column_names");
        JsonNode right = comparison.path("right").path("column_names");
        if (left.size() != 2 || right.size() != 2 || rows.equals(latest)) {
            return;
        }
        boolean swapped = key(left, 0).equals(latest);
        JsonNode own = swapped ? right : left;
        JsonNode other = swapped ? left : right;
        if (key(own, 0).equals(rows) && key(other, 0).equals(latest)) {
            equal.add(key(own, 1) + '=' + key(other, 1));
        }
    }

    private static String key(JsonNode names, int index) {
        return EngineNames.key(names.get(index).asString(""));
    }

    /**
     * A {@code SELECT} of the latest time of each group of series.
     *
     * @param expressions those of it
     * @param outputs by key of each tag that makes the groups, the name it has in the result
     * @param time the name of the latest time in the result
     */
    private record Groups(Expressions expressions, Map<String, String> outputs, String time) {

        static @Nullable Groups of(JsonNode select, String table, Columns columns) {
            NewestSelect newest = new NewestSelect(select, table, columns);
            if (!newest.holds() || !newest.isGrouped() || hasLimit(select)) {
                return null;
            }
            Expressions expressions = newest.expressions();
            Map<String, String> outputs = new HashMap<>();
            String time = "max(\"time\")";
            boolean hasTime = false;
            for (JsonNode item : select.path("select_list")) {
                if (expressions.isLatestTime(item)) {
                    hasTime = true;
                    time = EngineNames.key(item.path("alias").asString(time));
                } else if (expressions.isTag(item)) {
                    String tag = String.valueOf(expressions.ownColumn(item));
                    outputs.put(tag, EngineNames.key(item.path("alias").asString(tag)));
                }
            }
            Map<String, String> keys = new HashMap<>();
            for (JsonNode key : select.path("group_expressions")) {
                String tag = expressions.ownColumn(key);
                String output = tag == null ? null : outputs.get(tag);
                if (tag == null || output == null) {
                    return null;
                }
                keys.put(tag, output);
            }
            boolean whole = isOfGroups(select.path("where_clause"), expressions, keys.keySet());
            return hasTime && whole && !keys.isEmpty() ? new Groups(expressions, keys, time) : null;
        }

        /**
         * Whether the condition takes or leaves groups as a whole. If it left out some series of a group, older rows of those could
         * have the latest time of the others.
         */
        private static boolean isOfGroups(JsonNode condition, Expressions expressions, Set<String> keys) {
            if (condition.path("class").asString("").equals("COLUMN_REF")) {
                String column = expressions.ownColumn(condition);
                return column != null && (keys.contains(column) || column.equals(Columns.TIME));
            }
            for (JsonNode child : condition) {
                if (!isOfGroups(child, expressions, keys)) {
                    return false;
                }
            }
            return true;
        }

        private static boolean hasLimit(JsonNode select) {
            for (JsonNode modifier : select.path("modifiers")) {
                if (modifier.path("type").asString("").startsWith("LIMIT")) {
                    return true;
                }
            }
            return false;
        }
    }
}
