package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.weir.common.model.Names;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Line protocol as docs/formats/line-protocol.md says it, in the plainest way: a whole body as a string of bytes, regular
 * expressions, maps, boxed values. What the fast decoder is compared with.
 */
final class ReferenceLineDecoder {

    private static final BigInteger TWO_63 = BigInteger.ONE.shiftLeft(63);
    private static final Pattern FLOAT = Pattern.compile("-?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
    private static final Pattern SIGNED = Pattern.compile("-?[0-9]+i");
    private static final Pattern UNSIGNED = Pattern.compile("[0-9]+u");
    private static final Pattern LEADING = Pattern.compile("^[ \t\r]+");
    private static final Pattern REST = Pattern.compile(" +(-?[0-9]+)[ \t\r]*|[ \t\r]*");

    final Map<String, List<DecodedRow>> rows = new TreeMap<>();
    final List<Integer> badLines = new ArrayList<>();
    /** measurement + '\0' + column → type: TAG, INT, UINT, FLOAT, STRING, BOOL. */
    private final Map<String, String> types = new HashMap<>();

    private final Precision precision;
    private final long receiveTime;
    private String body = "";
    private int position;

    private static final class Bad extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final boolean brokenString;

        Bad(boolean brokenString) {
            super(null, null, false, false);
            this.brokenString = brokenString;
        }
    }

    ReferenceLineDecoder(Precision precision, long receiveTime) {
        this.precision = precision;
        this.receiveTime = receiveTime;
    }

    void decode(byte[] bytes) {
        body = new String(bytes, ISO_8859_1);
        if (!body.endsWith("\n")) {
            body += "\n";
        }
        position = 0;
        while (position < body.length()) {
            int start = position;
            int newline = body.indexOf('\n', start);
            String line = LEADING.matcher(body.substring(start, newline)).replaceFirst("");
            if (line.isEmpty() || line.startsWith("#")) {
                position = newline + 1;
                continue;
            }
            position = newline - line.length();
            try {
                row();
            } catch (Bad bad) {
                badLines.add((int) body.substring(0, start)
                                .chars()
                                .filter(c -> c == '\n')
                                .count()
                        + 1);
                int end = bad.brokenString ? -1 : quoteAwareEnd(start);
                position = end < 0 ? newline + 1 : end;
            }
        }
    }

    private void row() {
        Map<String, String> added = new HashMap<>();
        String measurement = text(token(", "), ", ");
        if (Names.measurementFault(measurement) != null || Names.nameFault("measurement", measurement) != null) {
            throw new Bad(false);
        }
        TreeMap<String, String> tags = new TreeMap<>();
        while (body.charAt(position) == ',') {
            position++;
            String name = name(token(",= "), true);
            expect('=');
            String value = token(", ");
            if (value.isEmpty() || tags.put(name, text(value, ",= ")) != null) {
                throw new Bad(false);
            }
            fix(added, measurement, name, "TAG");
        }
        expect(' ');
        while (body.charAt(position) == ' ') {
            position++;
        }
        TreeMap<String, Object> fields = new TreeMap<>();
        boolean brokenIfGarbage;
        do {
            String name = name(token(",= "), false);
            expect('=');
            int valueStart = position;
            Object value = value();
            brokenIfGarbage = value instanceof String
                    && body.substring(valueStart, position).contains("\n");
            String type = fix(added, measurement, name, typeOf(value));
            fields.put(
                    name, type.equals("FLOAT") && value instanceof Long number ? (Object) number.doubleValue() : value);
        } while (body.charAt(position++) == ',');
        position--;
        Matcher rest = REST.matcher(body.substring(position, body.indexOf('\n', position)));
        if (!rest.matches()) {
            throw new Bad(brokenIfGarbage && body.charAt(position) != ' ');
        }
        BigInteger nanos = BigInteger.valueOf(precision.truncate(receiveTime));
        if (rest.group(1) != null) {
            BigInteger stamp = new BigInteger(rest.group(1));
            if (stamp.bitLength() > 63) {
                throw new Bad(false);
            }
            Precision unit = precision == Precision.AUTO ? Precision.of(stamp.longValue()) : precision;
            nanos = stamp.multiply(BigInteger.valueOf(unit.nanos()));
        }
        if (nanos.bitLength() > 63) {
            throw new Bad(false);
        }
        position = body.indexOf('\n', position) + 1;
        types.putAll(added);
        rows.computeIfAbsent(measurement, key -> new ArrayList<>())
                .add(new DecodedRow(measurement, tags, fields, nanos.longValue()));
    }

    private String fix(Map<String, String> added, String measurement, String column, String type) {
        String key = measurement + '\0' + column;
        String known = types.getOrDefault(key, added.getOrDefault(key, type));
        if (!known.equals(type) && !(known.equals("FLOAT") && type.equals("INT"))) {
            throw new Bad(false);
        }
        added.put(key, known);
        return known;
    }

    /** Raw text up to the next of {@code stops} without a backslash before it, or the end of the line. */
    private String token(String stops) {
        int start = position;
        while (body.charAt(position) != '\n') {
            boolean escaped = position > start && body.charAt(position - 1) == '\\';
            if (!escaped && stops.indexOf(body.charAt(position)) >= 0) {
                break;
            }
            position++;
        }
        return body.substring(start, position);
    }

    private static String name(String raw, boolean tag) {
        String name = text(raw, ",= ");
        boolean reserved = !tag && (name.equals("time") || name.equals("time_nanos"));
        if (name.isEmpty() || reserved || Names.nameFault("x", name) != null) {
            throw new Bad(false);
        }
        return name;
    }

    /** Bytes to characters, with the backslashes before any of {@code escapable} gone. */
    private static String text(String raw, String escapable) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) == '\\' && i + 1 < raw.length() && escapable.indexOf(raw.charAt(i + 1)) >= 0) {
                i++;
            }
            out.append(raw.charAt(i));
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(out.toString().getBytes(ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Bad(false);
        }
    }

    private Object value() {
        if (body.charAt(position) == '"') {
            return string();
        }
        String word = token(", \t\r");
        if (List.of("t", "T", "true", "True", "TRUE").contains(word)) {
            return true;
        } else if (List.of("f", "F", "false", "False", "FALSE").contains(word)) {
            return false;
        } else if (SIGNED.matcher(word).matches()) {
            BigInteger value = new BigInteger(word.substring(0, word.length() - 1));
            if (value.bitLength() > 63) {
                throw new Bad(false);
            }
            return value.longValue();
        } else if (UNSIGNED.matcher(word).matches()) {
            BigInteger value = new BigInteger(word.substring(0, word.length() - 1));
            if (value.compareTo(TWO_63.shiftLeft(1)) >= 0) {
                throw new Bad(false);
            }
            return value;
        } else if (FLOAT.matcher(word).matches() && !Double.isInfinite(Double.parseDouble(word))) {
            return Double.parseDouble(word);
        }
        throw new Bad(false);
    }

    private String string() {
        StringBuilder raw = new StringBuilder();
        int at = position + 1;
        while (at < body.length() && body.charAt(at) != '"') {
            if (body.charAt(at) == '\\' && at + 1 < body.length()) {
                raw.append('\\');
                at++;
            }
            raw.append(body.charAt(at));
            at++;
        }
        if (at >= body.length()) {
            throw new Bad(true);
        }
        position = at + 1;
        return text(raw.toString(), "\"\\");
    }

    private void expect(char wanted) {
        if (body.charAt(position) != wanted) {
            throw new Bad(false);
        }
        position++;
    }

    private static String typeOf(Object value) {
        if (value instanceof Long) {
            return "INT";
        } else if (value instanceof BigInteger) {
            return "UINT";
        } else if (value instanceof Double) {
            return "FLOAT";
        }
        return value instanceof Boolean ? "BOOL" : "STRING";
    }

    /** Position after the first newline that is not in a string, or -1 when a string never closes. */
    private int quoteAwareEnd(int start) {
        int at = start;
        while (" \t".indexOf(body.charAt(at)) >= 0) {
            at++;
        }
        boolean inFields = false;
        boolean inString = false;
        for (; at < body.length(); at++) {
            char c = body.charAt(at);
            if (inString) {
                if (c == '\\') {
                    at++;
                } else if (c == '"') {
                    inString = false;
                }
            } else if (c == '\n') {
                return at + 1;
            } else if (c == ' ' && !inFields && body.charAt(at - 1) != '\\') {
                inFields = true;
            } else if (c == '"' && inFields && opensString(at)) {
                inString = true;
            }
        }
        return -1;
    }

    private boolean opensString(int quote) {
        int equals = quote - 1;
        if (body.charAt(equals) != '=') {
            return false;
        }
        while (body.charAt(equals - 1) == '=') {
            equals--;
        }
        return body.charAt(equals - 1) != '\\';
    }
}
