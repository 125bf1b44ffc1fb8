package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Bounds how often the engine copies an expression while it plans. It replaces some functions by their definition, which names an
 * argument several times, and binds the body of a lambda twice, so that such expressions in one another double what is to be planned, or
 * worse, with each level: without a bound some thirty of them take all memory there is. Not thread-safe.
 */
final class CopiedArguments {

    /** Copies of an expression that is copied itself: planning this many takes some tenths of a second. */
    static final long MOST_COPIES = 1_000;

    /** {@code IN} of more values than this is a search, of fewer a comparison with each. */
    private static final int FEW_VALUES = 5;

    private static final int LAMBDA = 2;

    /** Functions whose definition names an argument more than once, and how often at most. */
    private static final Map<String, Integer> FUNCTIONS = Map.ofEntries(
            Map.entry("array_pop_back", 2),
            Map.entry("array_to_string", 2),
            Map.entry("array_to_string_comma_default", 2),
            Map.entry("date_trunc", 13),
            Map.entry("datetrunc", 13),
            Map.entry("fmod", 2),
            Map.entry("format_type", 3),
            Map.entry("json_group_array", 2),
            Map.entry("json_group_object", 2),
            Map.entry("map_contains_entry", 2),
            Map.entry("nullif", 2),
            Map.entry("split_part", 2),
            Map.entry("time_bucket", 11),
            Map.entry("weighted_avg", 2));

    private long copies = 1;

    /** How often the engine copies the arguments of a function of that name; 1 for most. */
    static int times(String function) {
        return FUNCTIONS.getOrDefault(function.toLowerCase(Locale.ROOT), 1);
    }

    /**
     * Goes into an expression.
     *
     * @return what {@link #leave} takes
     * @throws WeirException {@code sql-not-allowed} when it would be copied, and copy, too often
     */
    long enter(JsonNode expression) {
        long around = copies;
        long times = timesOf(expression);
        if (times > 1 && around > MOST_COPIES) {
            throw new WeirException(
                    QueryError.SQL_NOT_ALLOWED,
                    "lambdas or functions like nullif and date_trunc are nested too deeply (expected: at most 10 in one"
                            + " another, 3 of date_trunc or time_bucket)");
        }
        copies = around * times;
        return around;
    }

    /** Comes out of the expression for which {@link #enter} gave that. */
    void leave(long around) {
        copies = around;
    }

    /** How often the engine copies what is in that expression; 1 for most. */
    static long timesOf(JsonNode expression) {
        return switch (expression.path("class").asString("")) {
            case "FUNCTION" -> times(StatementFence.functionName(expression));
            case "LAMBDA" ->
                expression.path("syntax_type").asString("").equals("SINGLE_ARROW") ? 1 : LAMBDA; // a path into JSON
            case "OPERATOR" -> expression.path("type").asString("").equals("COMPARE_IN") ? values(expression) : 1;
            default -> 1;
        };
    }

    /** The first child is what is looked for among the others. */
    private static int values(JsonNode in) {
        int values = in.path("children").size() - 1;
        return values > FEW_VALUES ? 1 : Math.max(1, values);
    }
}
