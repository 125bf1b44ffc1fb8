package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Line protocol as docs/formats/line-protocol.md says it, in the plainest way: a whole body as a string of bytes, regular
 * expressions, maps, boxed values. What the fast decoder is compared with.
 */
final class ReferenceLineDecoder {

    private static final BigInteger TWO_63 = BigInteger.ONE.shiftLeft(63);
    private static final Map<Precision, Long> UNITS = Map.of(
            Precision.HOUR,
            3_600_000_000_000L,
            Precision.MINUTE,
            60_000_000_000L,
            Precision.SECOND,
            1_000_000_000L,
            Precision.MILLISECOND,
            1_000_000L,
            Precision.MICROSECOND,
            1_000L);
    private static final Map<ColumnType, String> STORED = Map.of(
            ColumnType.TAG,
            "TAG",
            ColumnType.INT64,
            "INT",
            ColumnType.UINT64,
            "UINT",
            ColumnType.FLOAT64,
            "FLOAT",
            ColumnType.STRING,
            "STRING",
            ColumnType.BOOLEAN,
            "BOOL");
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
    private final SchemaLookup schemas;
    private final DecodeLimits limits;
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

    ReferenceLineDecoder(DecodeOptions options) {
        this.precision = options.precision();
        this.receiveTime = options.receiveTimeNanos();
        this.schemas = options.schemas();
        this.limits = options.limits();
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
                if (position - start > limits.maxLineBytes()) {
                    badLines.add(number(start));
                }
                continue;
            }
            position = newline - line.length();
            try {
                row(start);
            } catch (Bad bad) {
                badLines.add(number(start));
                int end = bad.brokenString ? -1 : quoteAwareEnd(start);
                position = end < 0 || end - start > limits.maxLineBytes() ? newline + 1 : end;
            }
        }
    }

    /** Number of the line that starts there. */
    private int number(int start) {
        return (int) body.substring(0, start).chars().filter(c -> c == '\n').count() + 1;
    }

    private void row(int lineStart) {
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
            requireRoom(added, measurement, name);
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
            requireRoom(added, measurement, name);
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
        BigInteger unitNanos = BigInteger.valueOf(UNITS.getOrDefault(precision, 1L));
        BigInteger nanos = BigInteger.valueOf(receiveTime).divide(unitNanos).multiply(unitNanos);
        if (rest.group(1) != null) {
            BigInteger stamp = new BigInteger(rest.group(1));
            if (stamp.bitLength() > 63) {
                throw new Bad(false);
            }
            nanos = stamp.multiply(precision == Precision.AUTO ? guess(stamp) : unitNanos);
        }
        if (nanos.bitLength() > 63) {
            throw new Bad(false);
        }
        int end = body.indexOf('\n', position) + 1;
        if (end - lineStart > limits.maxLineBytes()) {
            throw new Bad(true);
        }
        position = end;
        types.putAll(added);
        rows.computeIfAbsent(measurement, key -> new ArrayList<>())
                .add(new DecodedRow(measurement, tags, fields, nanos.longValue()));
    }

    /** Fails when one more column is one too many. */
    private void requireRoom(Map<String, String> added, String measurement, String column) {
        if (types.size() + added.size() + 100 < limits.maxColumns()) {
            return;
        }
        Set<String> columns = new HashSet<>(types.keySet());
        columns.addAll(added.keySet());
        columns.removeIf(key -> !key.startsWith(measurement + '\0'));
        MeasurementSchema schema = schemas.find(measurement);
        if (schema != null) {
            schema.columns().forEach(stored -> columns.add(measurement + '\0' + stored.name()));
        }
        if (columns.add(measurement + '\0' + column) && columns.size() > limits.maxColumns()) {
            throw new Bad(false);
        }
    }

    private String fix(Map<String, String> added, String measurement, String column, String type) {
        String key = measurement + '\0' + column;
        MeasurementSchema schema = schemas.find(measurement);
        Column stored = schema == null ? null : schema.find(column);
        if (stored != null) {
            added.putIfAbsent(key, STORED.get(stored.type()));
        }
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

    /** Nanoseconds of the unit that a timestamp of unknown unit counts, by its magnitude. */
    private static BigInteger guess(BigInteger stamp) {
        BigInteger bound = BigInteger.valueOf(5_000_000_000L);
        BigInteger unit = BigInteger.valueOf(1_000_000_000);
        while (unit.compareTo(BigInteger.ONE) > 0 && stamp.abs().compareTo(bound) >= 0) {
            bound = bound.multiply(BigInteger.valueOf(1_000));
            unit = unit.divide(BigInteger.valueOf(1_000));
        }
        return unit;
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

    /** Behind an equals sign that is not escaped, which it is exactly when the byte before it is a backslash. */
    private boolean opensString(int quote) {
        return body.charAt(quote - 1) == '=' && body.charAt(quote - 2) != '\\';
    }
}
