package io.weir.query.plan;

import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** How the value of an expression depends on when it is asked for. */
enum TimeValue {
    /** Not at all: the same in every row and at every moment. */
    FIXED,
    /** It moves with the clock, and never back. */
    FORWARD,
    /** Unknown, or on the row. */
    UNKNOWN;

    private static final Set<String> CLOCKS = Set.of(
            "now", "get_current_timestamp", "current_timestamp", "transaction_timestamp", "current_date", "today");
    private static final Set<String> CUTS = Set.of("date_trunc", "datetrunc", "time_bucket");
    private static final Set<String> FIXED_FUNCTIONS = Set.of(
            "*",
            "/",
            "trunc",
            "to_years",
            "to_quarters",
            "to_months",
            "to_weeks",
            "to_days",
            "to_hours",
            "to_minutes",
            "to_seconds",
            "to_milliseconds",
            "to_microseconds",
            "to_timestamp",
            "epoch_ms",
            "make_date",
            "make_timestamp",
            "make_timestamptz",
            "make_timestamp_ms");
    /** Without nanoseconds: what is exact in microseconds. */
    private static final Set<String> TIMES = Set.of(
            "DATE",
            "TIMESTAMP",
            "DATETIME",
            "TIMESTAMPTZ",
            "TIMESTAMP WITH TIME ZONE",
            "TIMESTAMP_S",
            "TIMESTAMP_MS",
            "TIMESTAMP_US");

    private static final Set<String> NUMBERS =
            Set.of("INTERVAL", "SMALLINT", "INTEGER", "INT", "BIGINT", "DOUBLE", "FLOAT", "DECIMAL");

    /** That of an expression of a parse tree. Whatever is not known here is {@link #UNKNOWN}. */
    static TimeValue of(JsonNode expression) {
        return switch (expression.path("class").asString("")) {
            case "CONSTANT", "PARAMETER" -> FIXED;
            case "CAST" -> cast(expression);
            case "FUNCTION" -> function(expression);
            default -> UNKNOWN;
        };
    }

    private static TimeValue cast(JsonNode cast) {
        String type = cast.path("type_expr").path("type_name").asString("").toUpperCase(Locale.ROOT);
        TimeValue child = of(cast.path("child"));
        if (TIMES.contains(type)) {
            return child;
        }
        return child == FIXED && NUMBERS.contains(type) ? FIXED : UNKNOWN;
    }

    private static TimeValue function(JsonNode function) {
        JsonNode path = function.path("qualified_name").path("path");
        String name = path.size() == 1 ? path.get(0).asString("").toLowerCase(Locale.ROOT) : "";
        JsonNode arguments = function.path("arguments");
        if (CLOCKS.contains(name)) {
            return arguments.isEmpty() ? FORWARD : UNKNOWN;
        }
        if (name.equals("+") || name.equals("-") || CUTS.contains(name)) {
            return moving(name, arguments);
        }
        return FIXED_FUNCTIONS.contains(name) && allFixed(arguments) ? FIXED : UNKNOWN;
    }

    /** Sums, differences and cuts move as the one operand that moves, if it is where it moves them forward. */
    private static TimeValue moving(String name, JsonNode arguments) {
        int mover = -1;
        for (int i = 0; i < arguments.size(); i++) {
            TimeValue value = of(arguments.get(i).path("expression")); // once each: chains are long
            if (value == UNKNOWN || (value == FORWARD && mover >= 0)) {
                return UNKNOWN;
            }
            mover = value == FORWARD ? i : mover;
        }
        if (mover < 0) {
            return FIXED;
        }
        boolean forward = switch (name) {
            case "+" -> true;
            case "-" -> mover == 0 && arguments.size() == 2;
            default -> mover == 1;
        };
        return forward ? FORWARD : UNKNOWN;
    }

    private static boolean allFixed(JsonNode arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            if (of(arguments.get(i).path("expression")) != FIXED) {
                return false;
            }
        }
        return true;
    }
}
