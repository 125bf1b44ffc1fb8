package io.weir.query.condition;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A literal of a condition in each form that it has, for a column's type is known only with its rows.
 *
 * @param text as it is spelled
 * @param number as a number, or null when it is none
 * @param bool as a truth value, or null when it is none
 * @param micros as a time in UTC microseconds, or null when it is none
 */
record Literal(
        String text,
        @Nullable BigDecimal number,
        @Nullable Boolean bool,
        @Nullable Long micros) {

    private static final int LONGEST_NUMBER = 400;

    /** A text in quotes, which may spell something else. */
    static Literal ofText(String text, @Nullable Long micros) {
        return new Literal(text, number(text), bool(text), micros);
    }

    /** A number as it is spelled. @throws NumberFormatException when it is none */
    static Literal ofNumber(String text) {
        return new Literal(text, new BigDecimal(text), null, null);
    }

    static Literal ofBoolean(boolean value) {
        return new Literal(Boolean.toString(value), null, value, null);
    }

    private static @Nullable BigDecimal number(String text) {
        try {
            return text.length() > LONGEST_NUMBER ? null : new BigDecimal(text.strip());
        } catch (NumberFormatException e) {
            return null; // a text that spells no number is compared with texts only
        }
    }

    private static @Nullable Boolean bool(String text) {
        return text.equalsIgnoreCase("true") ? Boolean.TRUE : text.equalsIgnoreCase("false") ? Boolean.FALSE : null;
    }
}
