package io.weir.ingest.decode.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedRow;
import io.weir.ingest.decode.Precision;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON rows as docs/formats/ndjson.md says them, in the plainest way: Jackson for the syntax, maps and boxed values for
 * the rest. What the fast decoders are compared with.
 */
final class ReferenceJsonDecoder {

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(JsonSyntax.MAX_DEPTH)
                    .maxNumberLength(1 << 20)
                    .maxNameLength(1 << 20)
                    .build())
            .build();
    private static final Object NULL = new Object();
    /** Key of a map in which some key stands twice; longer than any name. */
    private static final String TWICE = "twice".repeat(100);

    private static final Set<String> LONG_KEYS = Set.of("m", "t", "tags", "fields", "f");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    private static final Pattern BLANK = Pattern.compile("[ \t\r]*");
    private static final Pattern TIME = Pattern.compile(
            "\\d{4}-\\d\\d-\\d\\d[Tt ]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:[0-5]\\d)",
            Pattern.UNICODE_CASE);

    final Map<String, List<DecodedRow>> rows = new TreeMap<>();
    final List<Integer> badLines = new ArrayList<>();
    private final DecodeOptions options;
    private final RowDefaults defaults;
    /** Per measurement, per column its type, or "" when only null was seen. */
    private final Map<String, Map<String, String>> columns = new HashMap<>();

    /** A number as it was written. */
    private record Written(String text) {
        boolean isInteger() {
            return INTEGER.matcher(text).matches();
        }
    }

    private static final class Bad extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Bad(String why) {
            super(why, null, false, false);
        }
    }

    ReferenceJsonDecoder(DecodeOptions options, RowDefaults defaults) {
        this.options = options;
        this.defaults = defaults;
    }

    void decodeLines(byte[] body) {
        int number = 1;
        for (int at = 0; at < body.length; number++) {
            int end = at;
            while (end < body.length && body[end] != '\n') {
                end++;
            }
            byte[] line = Arrays.copyOfRange(body, at, end);
            if (line.length + 1 > options.limits().maxLineBytes()) {
                badLines.add(number);
            } else if (!BLANK.matcher(new String(line, ISO_8859_1)).matches()) {
                decodeLine(line, number);
            }
            at = end + 1;
        }
    }

    /** The rows of a document; the lines of bad rows are not told. */
    void decodeDocument(byte[] body) {
        Object value;
        try {
            value = parse(body);
        } catch (Bad bad) {
            badLines.add(0);
            return;
        }
        for (Object row : value instanceof List<?> list ? list : List.of(value)) {
            try {
                row(row);
            } catch (Bad bad) {
                badLines.add(0);
            }
        }
    }

    private void decodeLine(byte[] line, int number) {
        try {
            row(parse(line));
        } catch (Bad bad) {
            badLines.add(number);
        }
    }

    private static Object parse(byte[] text) {
        try (JsonParser parser = JSON.createParser(
                tools.jackson.core.ObjectReadContext.empty(),
                UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString())) {
            if (parser.nextToken() == null) {
                throw new Bad("empty");
            }
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw new Bad("more behind the value");
            }
            return value;
        } catch (CharacterCodingException | JacksonException e) {
            throw new Bad(e.toString());
        }
    }

    /** A map, list, string, Written, Boolean, or {@link #NULL}. */
    private static Object value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String key = wellFormed(parser.currentName());
                    parser.nextToken();
                    if (map.put(key, value(parser)) != null) {
                        map.put(TWICE, NULL);
                    }
                }
                yield map;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                yield list;
            }
            case VALUE_STRING -> wellFormed(parser.getString());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Written(parser.getString());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> NULL;
            default -> throw new Bad("token " + parser.currentToken());
        };
    }

    private static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            if (Character.getType(text.codePointAt(i)) == Character.SURROGATE) {
                throw new Bad("half a character");
            }
        }
        return text;
    }

    private void row(Object value) {
        if (!(value instanceof Map<?, ?> object)) {
            throw new Bad("no object");
        }
        if (object.containsKey(TWICE)) {
            throw new Bad("a key twice");
        }
        boolean isLong = false;
        for (Map.Entry<?, ?> entry : object.entrySet()) {
            if (!LONG_KEYS.contains(entry.getKey())) {
                break;
            }
            if (entry.getValue() instanceof Map && !Set.of("m", "t").contains(entry.getKey())) {
                isLong = true;
                break;
            }
        }
        String measurement = defaults.measurement();
        Object time = NULL;
        Map<Object, Object> tags = new LinkedHashMap<>();
        Map<Object, Object> fields = new LinkedHashMap<>();
        if (isLong) {
            if (!LONG_KEYS.containsAll(object.keySet()) || (object.containsKey("f") && object.containsKey("fields"))) {
                throw new Bad("keys");
            }
            Object name = orNull(object, "m");
            if (name != NULL) {
                measurement = as(String.class, name);
            }
            time = orNull(object, "t");
            tags.putAll(mapOf(orNull(object, "tags")));
            fields.putAll(mapOf(orNull(object, "fields")));
            fields.putAll(mapOf(orNull(object, "f")));
            if (fields.containsKey("time") || tags.keySet().stream().anyMatch(fields::containsKey)) {
                throw new Bad("names");
            }
        } else {
            fields.putAll(object);
            if (fields.containsKey("time")) {
                time = fields.remove("time");
            }
        }
        if (measurement == null || Names.measurementFault(measurement) != null) {
            throw new Bad("measurement");
        }
        store(measurement, time, tags, fields, isLong);
    }

    private void store(
            String measurement, Object time, Map<Object, Object> tags, Map<Object, Object> fields, boolean isLong) {
        Map<String, String> known = new HashMap<>(columns.computeIfAbsent(measurement, this::stored));
        TreeMap<String, String> tagValues = new TreeMap<>();
        TreeMap<String, Object> fieldValues = new TreeMap<>();
        tags.forEach((key, value) -> tag(known, (String) key, value, tagValues));
        fields.forEach((key, value) -> {
            String type = known.getOrDefault(key, "");
            if (!isLong && (defaults.tags().contains(key) || type.equals("TAG"))) {
                tag(known, (String) key, value, tagValues);
            } else if (type.equals("TAG")) {
                throw new Bad("a field that is a tag");
            } else {
                field(known, (String) key, value, fieldValues);
            }
        });
        if (fieldValues.isEmpty() || known.size() > options.limits().maxColumns()) {
            throw new Bad("columns");
        }
        long nanos = nanos(time);
        columns.put(measurement, known);
        rows.computeIfAbsent(measurement, name -> new ArrayList<>())
                .add(new DecodedRow(measurement, tagValues, fieldValues, nanos));
    }

    private Map<String, String> stored(String measurement) {
        MeasurementSchema schema = options.schemas().find(measurement);
        Map<String, String> types = new HashMap<>();
        for (Column column : schema == null ? List.<Column>of() : schema.columns()) {
            types.put(column.name(), column.type().name());
        }
        return types;
    }

    private static void name(Map<String, String> known, String name) {
        if (name.isEmpty() || name.equals("time_nanos") || Names.nameFault("x", name) != null) {
            throw new Bad("name");
        }
        known.putIfAbsent(name, "");
    }

    private static void tag(Map<String, String> known, String name, Object value, Map<String, String> values) {
        name(known, name);
        if (!Set.of("", "TAG").contains(known.get(name))) {
            throw new Bad("a tag that is a field");
        }
        if (value != NULL && !as(String.class, value).isEmpty()) {
            known.put(name, "TAG");
            values.put(name, (String) value);
        }
    }

    private static void field(Map<String, String> known, String name, Object value, Map<String, Object> values) {
        name(known, name);
        if (value == NULL) {
            return;
        }
        String written = value instanceof String
                ? "STRING"
                : value instanceof Boolean
                        ? "BOOLEAN"
                        : as(Written.class, value).isInteger() ? "INT64" : "FLOAT64";
        String type = known.get(name).isEmpty() ? written : known.get(name);
        boolean widens = written.equals("INT64") && (type.equals("FLOAT64") || type.equals("UINT64"));
        if (!type.equals(written) && !widens) {
            throw new Bad("type");
        }
        known.put(name, type);
        values.put(name, value instanceof Written number ? number(number.text(), type) : value);
    }

    private static Object number(String text, String type) {
        if (type.equals("FLOAT64")) {
            double value = Double.parseDouble(text);
            if (Double.isInfinite(value)) {
                throw new Bad("range");
            }
            return value;
        }
        BigInteger value = new BigInteger(text);
        boolean fits = type.equals("INT64") ? value.bitLength() <= 63 : value.signum() >= 0 && value.bitLength() <= 64;
        if (!fits) {
            throw new Bad("range");
        }
        return type.equals("INT64") ? (Object) value.longValue() : value;
    }

    private long nanos(Object time) {
        BigInteger nanos;
        if (time == NULL) {
            nanos = BigInteger.valueOf(options.precision().truncate(options.receiveTimeNanos()));
        } else if (time instanceof String text) {
            nanos = instant(text);
        } else {
            Written number = as(Written.class, time);
            if (!number.isInteger() || new BigInteger(number.text()).bitLength() > 63) {
                throw new Bad("time");
            }
            long count = Long.parseLong(number.text());
            Precision unit = options.precision() == Precision.AUTO ? Precision.of(count) : options.precision();
            nanos = BigInteger.valueOf(count).multiply(BigInteger.valueOf(unit.nanos()));
        }
        if (nanos.bitLength() > 63) {
            throw new Bad("time out of range");
        }
        return nanos.longValue();
    }

    private static BigInteger instant(String text) {
        if (!TIME.matcher(text).matches()) {
            throw new Bad("time");
        }
        try {
            // An offset of java.time ends at 18 hours, so it is taken off by hand.
            int sign = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
            boolean utc = text.toUpperCase(Locale.ROOT).endsWith("Z");
            String local = utc ? text.substring(0, text.length() - 1) : text.substring(0, sign);
            int hours = utc ? 0 : Integer.parseInt(text.substring(sign + 1, sign + 3));
            int minutes = utc ? 0 : Integer.parseInt(text.substring(sign + 4));
            if (hours > 23) {
                throw new Bad("offset");
            }
            long offset = (hours * 3_600L + minutes * 60L) * (utc || text.charAt(sign) == '+' ? 1 : -1);
            Instant instant = OffsetDateTime.parse(local.replace(' ', 'T').toUpperCase(Locale.ROOT) + "Z")
                    .toInstant();
            return BigInteger.valueOf(instant.getEpochSecond() - offset)
                    .multiply(BigInteger.valueOf(1_000_000_000))
                    .add(BigInteger.valueOf(instant.getNano()));
        } catch (DateTimeException e) {
            throw new Bad("time");
        }
    }

    private static Object orNull(Map<?, ?> object, String key) {
        Object value = object.get(key);
        return value == null ? NULL : value;
    }

    private static Map<?, ?> mapOf(Object value) {
        return value == NULL ? Map.of() : as(Map.class, value);
    }

    private static <T> T as(Class<T> type, Object value) {
        if (!type.isInstance(value)) {
            throw new Bad("expected " + type);
        }
        return type.cast(value);
    }
}
