package io.weir.r2dbc.sqlite;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads and checks the driver's timeouts. */
final class Durations {
    private static final Pattern SHORT_FORM = Pattern.compile("(\\d{1,12})(ms|s|m)");

    private Durations() {}

    /** Reads {@code PT1.5S}, {@code 1500ms}, {@code 5s} or {@code 2m}. */
    static Duration parse(String option, String text) {
        Matcher matcher = SHORT_FORM.matcher(text);
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                default -> Duration.ofMinutes(amount);
            };
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "option " + option + " \"" + text + "\" (expected: a duration such as 500ms, 5s, 2m or PT1.5S)", e);
        }
    }

    static Duration notNegative(String option, @Nullable Duration value) {
        if (value == null || value.isNegative()) {
            throw new IllegalArgumentException(option + " " + value + " (expected: zero or more)");
        }
        return value;
    }

    /** Nanoseconds, saturating: a timeout of centuries is as good as none. */
    static long nanos(Duration duration) {
        return duration.toSeconds() >= Long.MAX_VALUE / 1_000_000_000L ? Long.MAX_VALUE : duration.toNanos();
    }
}
