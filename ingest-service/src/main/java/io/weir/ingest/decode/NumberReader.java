package io.weir.ingest.decode;

import io.weir.common.schema.ColumnType;
import java.nio.charset.StandardCharsets;

/**
 * Reads one number of a field or timestamp. A number is {@code -}? digits, then {@code i}, {@code u}, or nothing; or with
 * a point and an exponent a float. The result stays in the fields until the next call. Relies on a newline behind the
 * number.
 */
final class NumberReader {

    private static final int SAFE_DIGITS = 18;

    private ColumnType type = ColumnType.FLOAT64;
    private long integer;
    private double real;

    /** INT64, UINT64 or FLOAT64: what was read. */
    ColumnType type() {
        return type;
    }

    /** The value of an INT64 or (by its bits) UINT64. */
    long integer() {
        return integer;
    }

    /** The value of a FLOAT64. */
    double real() {
        return real;
    }

    /** Reads a field value at {@code start}; returns the position after it. */
    int field(byte[] buffer, int start) {
        boolean negative = buffer[start] == '-';
        int first = negative ? start + 1 : start;
        int at = first;
        long digits = 0;
        for (int digit = buffer[at] - '0'; digit >= 0 && digit <= 9; digit = buffer[at] - '0') {
            digits = digits * 10 + digit;
            at++;
        }
        int whole = at - first;
        byte next = buffer[at];
        if (whole > 0 && next == 'i') {
            type = ColumnType.INT64;
            integer = signed(buffer, start, at, negative, digits);
            return at + 1;
        }
        if (whole > 0 && next == 'u' && !negative) {
            type = ColumnType.UINT64;
            integer = unsigned(buffer, start, at, digits);
            return at + 1;
        }
        return real(buffer, start, at, digits, whole, negative);
    }

    /** Reads a timestamp at {@code start} into {@link #integer}; returns the position after it, {@code start} when it is none. */
    int timestamp(byte[] buffer, int start) {
        boolean negative = buffer[start] == '-';
        int first = negative ? start + 1 : start;
        int at = first;
        long digits = 0;
        while (at + 8 <= buffer.length && Words.isDigits(Words.at(buffer, at))) {
            digits = digits * 100_000_000 + Words.digits(Words.at(buffer, at));
            at += 8;
        }
        for (int digit = buffer[at] - '0'; digit >= 0 && digit <= 9; digit = buffer[at] - '0') {
            digits = digits * 10 + digit;
            at++;
        }
        if (at == first) {
            return start;
        }
        integer = signed(buffer, start, at, negative, digits);
        return at;
    }

    private int real(byte[] buffer, int start, int wholeEnd, long wholeDigits, int whole, boolean negative) {
        int at = wholeEnd;
        long digits = wholeDigits;
        int fraction = 0;
        if (buffer[at] == '.') {
            at++;
            int point = at;
            while (at + 8 <= buffer.length && Words.isDigits(Words.at(buffer, at))) {
                digits = digits * 100_000_000 + Words.digits(Words.at(buffer, at));
                at += 8;
            }
            for (int digit = buffer[at] - '0'; digit >= 0 && digit <= 9; digit = buffer[at] - '0') {
                digits = digits * 10 + digit;
                at++;
            }
            fraction = at - point;
        }
        if (whole + fraction == 0) {
            throw notANumber(buffer, start);
        }
        int exponent = 0;
        if ((buffer[at] | 0x20) == 'e') {
            int sign = buffer[at + 1] == '-' ? -1 : 1;
            at += buffer[at + 1] == '-' || buffer[at + 1] == '+' ? 2 : 1;
            int firstDigit = at;
            for (int digit = buffer[at] - '0'; digit >= 0 && digit <= 9; digit = buffer[at] - '0') {
                exponent = Math.min(exponent * 10 + digit, 100_000_000);
                at++;
            }
            if (at == firstDigit) {
                throw notANumber(buffer, start);
            }
            exponent *= sign;
        }
        type = ColumnType.FLOAT64;
        boolean exact = whole + fraction <= SAFE_DIGITS + 1;
        double value = exact ? Decimals.toDouble(digits, exponent - fraction) : Decimals.UNDECIDED;
        if (Double.isNaN(value)) {
            value = Math.abs(Double.parseDouble(new String(buffer, start, at - start, StandardCharsets.US_ASCII)));
        }
        if (Double.isInfinite(value)) {
            throw tooLarge(buffer, start, at);
        }
        real = negative ? -value : value;
        return at;
    }

    private static LineFault tooLarge(byte[] buffer, int start, int end) {
        return LineFault.range(
                start,
                () -> "value " + LineFault.quoted(buffer, start, end) + " is too large",
                "a float between -1.8e308 and 1.8e308");
    }

    private static LineFault notANumber(byte[] buffer, int start) {
        return LineFault.syntax(
                start,
                () -> "value " + LineFault.word(buffer, start, buffer.length) + " is not a number",
                "digits such as 1.5, 42i or 7u, a string in double quotes, or a boolean");
    }

    private static long signed(byte[] buffer, int start, int end, boolean negative, long digits) {
        int first = negative ? start + 1 : start;
        boolean fits = end - first <= SAFE_DIGITS;
        if (!fits) {
            int significant = end - firstSignificant(buffer, first, end);
            // Nineteen digits fit an unsigned long, so they are compared with 2^63 as such.
            fits = significant <= SAFE_DIGITS
                    || (significant == SAFE_DIGITS + 1 && (digits >= 0 || (negative && digits == Long.MIN_VALUE)));
        }
        if (!fits) {
            throw LineFault.range(
                    start,
                    () -> "integer " + LineFault.quoted(buffer, start, end) + " is out of range",
                    "a signed 64-bit integer");
        }
        return negative ? -digits : digits;
    }

    private static long unsigned(byte[] buffer, int start, int end, long digits) {
        if (end - start > SAFE_DIGITS + 1) {
            int first = firstSignificant(buffer, start, end);
            int significant = end - first;
            // Of the twenty-digit numbers those fit that begin with 1 and did not wrap around below 10^19.
            boolean fits = significant <= SAFE_DIGITS + 1
                    || (significant == SAFE_DIGITS + 2
                            && buffer[first] == '1'
                            && Long.compareUnsigned(digits, -8_446_744_073_709_551_616L) >= 0);
            if (!fits) {
                throw LineFault.range(
                        start,
                        () -> "integer " + LineFault.quoted(buffer, start, end) + " is out of range",
                        "an unsigned 64-bit integer");
            }
        }
        return digits;
    }

    private static int firstSignificant(byte[] buffer, int from, int end) {
        int first = from;
        while (first < end - 1 && buffer[first] == '0') {
            first++;
        }
        return first;
    }
}
