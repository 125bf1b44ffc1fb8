package io.weir.ingest.decode.json;

import io.weir.ingest.decode.Decimals;
import io.weir.ingest.decode.LineFault;
import io.weir.ingest.decode.Words;
import java.nio.charset.StandardCharsets;

/**
 * Reads JSON numbers (RFC 8259, section 6). What was read stays in the fields until the next call. Relies on a byte
 * behind the number that belongs to none.
 */
final class JsonNumbers {

    /** Digits that any unsigned 64-bit number can hold. */
    private static final int SAFE_DIGITS = 19;

    /** 10^19, by its bits. */
    private static final long TEN_19 = -8_446_744_073_709_551_616L;

    private byte[] buffer = {};
    private int start;
    private int end;
    private boolean negative;
    private boolean integer;
    private long digits;
    private int significant;
    private int exponent;

    /** Reads the number at {@code at}, which a digit or a minus begins; returns the position after it. */
    int read(byte[] bytes, int from) {
        buffer = bytes;
        start = from;
        negative = bytes[from] == '-';
        int at = negative ? from + 1 : from;
        int first = at;
        at = digits(bytes, at, 0);
        if (at == first) {
            throw malformed(from, "digits behind the minus");
        }
        if (bytes[first] == '0') {
            if (at > first + 1) {
                throw malformed(from, "no zero before other digits");
            }
            significant = 0;
        } else {
            significant = at - first;
        }
        integer = true;
        exponent = 0;
        if (bytes[at] == '.') {
            integer = false;
            int point = at + 1;
            if (significant == 0) {
                at = point;
                while (bytes[at] == '0') {
                    at++;
                }
            } else {
                at = point;
            }
            int counted = at;
            at = digits(bytes, at, digits);
            if (at == point) {
                throw malformed(from, "digits behind the point");
            }
            significant += at - counted;
            exponent = point - at;
        }
        if ((bytes[at] | 0x20) == 'e') {
            integer = false;
            at = exponent(bytes, at + 1);
        }
        end = at;
        return at;
    }

    /** Whether it has neither fraction nor exponent. */
    boolean isInteger() {
        return integer;
    }

    /** Whether it is negative, or minus zero. */
    boolean isNegative() {
        return negative;
    }

    /** The integer as a signed 64-bit number. */
    long signed() {
        boolean fits = significant < SAFE_DIGITS
                || (significant == SAFE_DIGITS && (digits >= 0 || (negative && digits == Long.MIN_VALUE)));
        if (!fits) {
            throw outOfRange("a signed 64-bit integer");
        }
        return negative ? -digits : digits;
    }

    /** The integer as an unsigned 64-bit number, by its bits. */
    long unsigned() {
        // Of the twenty-digit numbers those fit that begin with 1 and did not wrap around below 10^19.
        boolean fits = significant <= SAFE_DIGITS
                || (significant == SAFE_DIGITS + 1
                        && buffer[start] == '1'
                        && Long.compareUnsigned(digits, TEN_19) >= 0);
        if (!fits || (negative && digits != 0)) {
            throw outOfRange("an unsigned 64-bit integer");
        }
        return digits;
    }

    /** The nearest double, ties to even. */
    double real() {
        double value = significant <= SAFE_DIGITS ? Decimals.toDouble(digits, exponent) : Decimals.UNDECIDED;
        if (Double.isNaN(value)) {
            value = Math.abs(Double.parseDouble(new String(buffer, start, end - start, StandardCharsets.US_ASCII)));
        }
        if (Double.isInfinite(value)) {
            throw outOfRange("a float between -1.8e308 and 1.8e308");
        }
        return negative ? -value : value;
    }

    /** The number as written, for messages. */
    String quoted() {
        return LineFault.quoted(buffer, start, end);
    }

    private int digits(byte[] bytes, int from, long before) {
        int at = from;
        long value = before;
        while (at + 8 <= bytes.length && Words.isDigits(Words.at(bytes, at))) {
            value = value * 100_000_000 + Words.digits(Words.at(bytes, at));
            at += 8;
        }
        for (int digit = bytes[at] - '0'; digit >= 0 && digit <= 9; digit = bytes[at] - '0') {
            value = value * 10 + digit;
            at++;
        }
        digits = value;
        return at;
    }

    private int exponent(byte[] bytes, int from) {
        boolean minus = bytes[from] == '-';
        int at = minus || bytes[from] == '+' ? from + 1 : from;
        int first = at;
        int value = 0;
        for (int digit = bytes[at] - '0'; digit >= 0 && digit <= 9; digit = bytes[at] - '0') {
            value = Math.min(value * 10 + digit, 100_000_000);
            at++;
        }
        if (at == first) {
            throw malformed(start, "digits in the exponent");
        }
        exponent += minus ? -value : value;
        return at;
    }

    private LineFault malformed(int at, String expected) {
        return LineFault.syntax(at, "number is malformed", expected);
    }

    private LineFault outOfRange(String expected) {
        return LineFault.range(start, "number " + quoted() + " is out of range", expected);
    }
}
