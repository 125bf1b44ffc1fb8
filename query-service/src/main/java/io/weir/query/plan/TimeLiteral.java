package io.weir.query.plan;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the plainest spellings of a time, so that the engine need not be asked for them: {@code YYYY-MM-DD} with or without
 * {@code hh:mm:ss[.f…]} behind a space or a T, in UTC or without a zone, which is the same in a session in UTC. Whatever else
 * there is, however right, is left to the engine.
 */
public final class TimeLiteral {

    private static final Set<String> TYPES = Set.of("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", "DATETIME");
    private static final int DATE_LENGTH = 10;
    private static final int SECONDS_LENGTH = 19;
    private static final int MOST_DIGITS = 6;
    private static final LocalDateTime EPOCH = LocalDate.EPOCH.atStartOfDay();

    private TimeLiteral() {}

    /** UTC microseconds of an expression of a parse tree; null for all that the engine has to tell. */
    public static @Nullable Long micros(JsonNode expression, QueryParameters parameters) {
        return switch (expression.path("class").asString("")) {
            case "CONSTANT" -> text(expression);
            case "PARAMETER" ->
                parameters.value(expression.path("identifier").asString("")) instanceof String text
                        ? micros(text)
                        : null;
            case "CAST" ->
                TYPES.contains(expression
                                .path("type_expr")
                                .path("type_name")
                                .asString("")
                                .toUpperCase(Locale.ROOT))
                        ? text(expression.path("child"))
                        : null;
            default -> null;
        };
    }

    private static @Nullable Long text(JsonNode constant) {
        JsonNode literal = constant.path("literal");
        return literal.path("kind").asString("").equals("STRING")
                ? micros(literal.path("text").asString(""))
                : null;
    }

    /** UTC microseconds of a text; null when it is not spelled in one of those ways. */
    static @Nullable Long micros(String text) {
        try {
            if (text.length() == DATE_LENGTH) {
                return ChronoUnit.MICROS.between(EPOCH, LocalDate.parse(text).atStartOfDay());
            }
            String plain = text.endsWith("Z") ? text.substring(0, text.length() - 1) : text;
            boolean spelled = plain.length() == SECONDS_LENGTH
                    || (plain.length() > SECONDS_LENGTH + 1
                            && plain.length() <= SECONDS_LENGTH + 1 + MOST_DIGITS
                            && plain.charAt(SECONDS_LENGTH) == '.');
            if (!spelled || (plain.charAt(DATE_LENGTH) != ' ' && plain.charAt(DATE_LENGTH) != 'T')) {
                return null;
            }
            LocalDateTime time = LocalDateTime.parse(plain.replace(' ', 'T'));
            return ChronoUnit.MICROS.between(EPOCH, time);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
