package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.ExtensionTypeHeader;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/**
 * MessagePack as docs/formats/messagepack.md says it, in the plainest way: msgpack-core builds a tree of boxed values,
 * which is walked once for the types and once for the rows. What the fast decoder is compared with.
 */
final class ReferenceMessagePackDecoder {

    private static final int MAX_DEPTH = 4;
    private static final Object NIL = new Object();

    final Map<String, List<DecodedRow>> rows = new TreeMap<>();
    private final DecodeOptions options;
    private final Map<String, Map<String, Kind>> columns = new HashMap<>();
    private @Nullable Precision unitOfRows;
    private boolean surveying;

    /** Text as it came; equal by its bytes. */
    private record Text(List<Byte> bytes) {
        static Text of(byte[] raw) {
            List<Byte> bytes = new ArrayList<>();
            for (byte b : raw) {
                bytes.add(b);
            }
            return new Text(bytes);
        }

        String utf8() {
            byte[] raw = new byte[bytes.size()];
            for (int i = 0; i < raw.length; i++) {
                raw[i] = bytes.get(i);
            }
            try {
                return UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
            } catch (CharacterCodingException e) {
                throw new Bad("not UTF-8");
            }
        }
    }

    /** A map as pairs, because a key may stand twice. */
    private record Pairs(List<Object> keys, List<Object> values) {}

    private record Extension(int type, byte[] data) {}

    /** What is known of a column. */
    private static final class Kind {
        final boolean stored;
        String type;
        final Set<String> seen = new HashSet<>();

        Kind(@Nullable String stored) {
            this.stored = stored != null;
            this.type = stored == null ? "" : stored;
        }
    }

    private static final class Bad extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Bad(String why) {
            super(why, null, false, false);
        }
    }

    ReferenceMessagePackDecoder(DecodeOptions options) {
        this.options = options;
    }

    /** Whether the body is sound; then {@link #rows} are its rows. */
    boolean decode(byte[] body) {
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(body)) {
            Object tree = value(unpacker, body.length);
            if (unpacker.hasNext()) {
                return false;
            }
            surveying = true;
            walk(tree, 1);
            surveying = false;
            walk(tree, 1);
            return true;
        } catch (Bad | MessagePackException | IOException e) {
            return false;
        }
    }

    private static Object value(MessageUnpacker in, int size) throws IOException {
        return switch (in.getNextFormat().getValueType()) {
            case NIL -> {
                in.unpackNil();
                yield NIL;
            }
            case BOOLEAN -> in.unpackBoolean();
            case INTEGER -> in.unpackBigInteger();
            case FLOAT -> in.unpackDouble();
            case STRING -> Text.of(payload(in, in.unpackRawStringHeader(), size));
            case BINARY -> Text.of(payload(in, in.unpackBinaryHeader(), size));
            case ARRAY -> {
                List<Object> list = new ArrayList<>();
                for (long left = in.unpackArrayHeader() & 0xffffffffL; left > 0; left--) {
                    list.add(value(in, size));
                }
                yield list;
            }
            case MAP -> {
                Pairs pairs = new Pairs(new ArrayList<>(), new ArrayList<>());
                for (long left = in.unpackMapHeader() & 0xffffffffL; left > 0; left--) {
                    pairs.keys.add(value(in, size));
                    pairs.values.add(value(in, size));
                }
                yield pairs;
            }
            case EXTENSION -> {
                ExtensionTypeHeader header = in.unpackExtensionTypeHeader();
                yield new Extension(header.getType(), payload(in, header.getLength(), size));
            }
        };
    }

    private static byte[] payload(MessageUnpacker in, int length, int size) throws IOException {
        if (length < 0 || length > size - in.getTotalReadBytes()) {
            throw new Bad("cut off");
        }
        return in.readPayload(length);
    }

    private void walk(Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new Bad("too deep");
        }
        if (value instanceof List<?> list) {
            list.forEach(element -> walk(element, depth + 1));
        } else {
            item(as(Pairs.class, value), depth);
        }
    }

    private void item(Pairs item, int depth) {
        Map<String, Object> parts = new LinkedHashMap<>();
        for (int i = 0; i < item.keys.size(); i++) {
            String key = as(Text.class, item.keys.get(i)).utf8();
            key = key.equals("f") ? "fields" : key;
            boolean known =
                    List.of("m", "columns", "tags", "t", "fields", "batch").contains(key);
            if (!known || parts.put(key, item.values.get(i)) != null) {
                throw new Bad("key " + key);
            }
        }
        if (parts.containsKey("batch")) {
            if (parts.size() > 1) {
                throw new Bad("form");
            }
            walk(as(List.class, parts.get("batch")), depth + 1);
            return;
        }
        boolean columnar = parts.containsKey("columns");
        boolean both = columnar && (parts.containsKey("fields") || parts.containsKey("t"));
        if (!parts.containsKey("m") || both || !(columnar || parts.containsKey("fields"))) {
            throw new Bad("form");
        }
        String measurement = as(Text.class, parts.get("m")).utf8();
        if (Names.measurementFault(measurement) != null) {
            throw new Bad("measurement");
        }
        if (columnar) {
            columnar(measurement, parts.getOrDefault("tags", NIL), as(Pairs.class, parts.get("columns")));
        } else {
            row(measurement, parts);
        }
    }

    private void columnar(String measurement, Object tags, Pairs arrays) {
        for (Object tag : tags == NIL ? List.of() : as(List.class, tags)) {
            makeTag(column(measurement, as(Text.class, tag).utf8()));
        }
        Map<String, List<?>> values = new LinkedHashMap<>();
        for (int i = 0; i < arrays.keys.size(); i++) {
            String name = as(Text.class, arrays.keys.get(i)).utf8();
            List<?> array = as(List.class, arrays.values.get(i));
            boolean time = name.equals("time");
            // A second time column replaces the first, as nothing forbids it.
            if (values.put(name, array) != null && !time) {
                throw new Bad("twice");
            }
            if (!time) {
                column(measurement, name);
            }
        }
        Set<Integer> sizes = new HashSet<>();
        arrays.values.forEach(array -> sizes.add(as(List.class, array).size()));
        if (sizes.size() > 1) {
            throw new Bad("lengths");
        }
        int count = sizes.isEmpty() ? 0 : sizes.iterator().next();
        for (int row = 0; surveying && row < count; row++) {
            for (Map.Entry<String, List<?>> entry : values.entrySet()) {
                if (!entry.getKey().equals("time")) {
                    see(column(measurement, entry.getKey()), entry.getValue().get(row));
                }
            }
        }
        boolean hasValue = values.entrySet().stream()
                .anyMatch(entry -> !entry.getKey().equals("time")
                        && !column(measurement, entry.getKey()).type.equals("TAG")
                        && entry.getValue().stream().anyMatch(value -> value != NIL));
        if (count > 0 && !hasValue) {
            throw new Bad("no field");
        }
        if (surveying) {
            return;
        }
        Times times = new Times();
        List<?> timeValues = values.getOrDefault("time", java.util.Collections.nCopies(count, NIL));
        timeValues.forEach(times::see);
        for (int row = 0; row < count; row++) {
            TreeMap<String, String> tagValues = new TreeMap<>();
            TreeMap<String, Object> fieldValues = new TreeMap<>();
            for (Map.Entry<String, List<?>> entry : values.entrySet()) {
                if (!entry.getKey().equals("time")) {
                    put(measurement, entry.getKey(), entry.getValue().get(row), tagValues, fieldValues);
                }
            }
            add(measurement, tagValues, fieldValues, times.nanos(timeValues.get(row)));
        }
    }

    private void row(String measurement, Map<String, Object> parts) {
        Object tags = parts.getOrDefault("tags", NIL);
        Pairs tagPairs = tags == NIL ? new Pairs(List.of(), List.of()) : as(Pairs.class, tags);
        Pairs fieldPairs = as(Pairs.class, parts.get("fields"));
        Set<String> names = new HashSet<>();
        TreeMap<String, String> tagValues = new TreeMap<>();
        TreeMap<String, Object> fieldValues = new TreeMap<>();
        boolean hasValue = false;
        for (int i = 0; i < tagPairs.keys.size() + fieldPairs.keys.size(); i++) {
            boolean tag = i < tagPairs.keys.size();
            Pairs pairs = tag ? tagPairs : fieldPairs;
            int at = tag ? i : i - tagPairs.keys.size();
            String name = as(Text.class, pairs.keys.get(at)).utf8();
            Object value = pairs.values.get(at);
            Kind column = column(measurement, name);
            if (!names.add(name)) {
                throw new Bad("twice");
            }
            if (tag) {
                makeTag(column);
            } else if (surveying && column.type.equals("TAG")) {
                throw new Bad("a field that is a tag");
            }
            if (surveying) {
                see(column, value);
            } else {
                put(measurement, name, value, tagValues, fieldValues);
            }
            hasValue |= !tag && value != NIL;
        }
        if (!hasValue) {
            throw new Bad("no field");
        }
        Times times = new Times();
        Object time = parts.getOrDefault("t", NIL);
        if (surveying) {
            times.unit = unitOfRows;
            times.see(time);
            unitOfRows = times.unit;
        } else {
            times.unit = unitOfRows;
            add(measurement, tagValues, fieldValues, times.nanos(time));
        }
    }

    private void add(String measurement, TreeMap<String, String> tags, TreeMap<String, Object> fields, long nanos) {
        rows.computeIfAbsent(measurement, name -> new ArrayList<>())
                .add(new DecodedRow(measurement, tags, fields, nanos));
    }

    private Kind column(String measurement, String name) {
        if (name.isEmpty() || List.of("time", "time_nanos").contains(name) || Names.nameFault("x", name) != null) {
            throw new Bad("name");
        }
        MeasurementSchema schema = options.schemas().find(measurement);
        Column stored = schema == null ? null : schema.find(name);
        return columns.computeIfAbsent(measurement, key -> new HashMap<>())
                .computeIfAbsent(
                        name,
                        key -> new Kind(stored == null ? null : stored.type().name()));
    }

    private static void makeTag(Kind column) {
        if (!List.of("", "TAG").contains(column.type)) {
            throw new Bad("a tag that is a field");
        }
        column.type = "TAG";
    }

    private static void see(Kind column, Object value) {
        if (value == NIL) {
            return;
        }
        String seen;
        if (value instanceof Text) {
            seen = "text";
        } else if (value instanceof Boolean) {
            seen = "boolean";
        } else if (value instanceof Double) {
            seen = "float";
        } else {
            BigInteger integer = as(BigInteger.class, value);
            seen = integer.signum() < 0 ? "negative" : integer.bitLength() > 63 ? "huge" : "integer";
        }
        column.seen.add(seen);
        if (column.stored || column.type.equals("TAG")) {
            Set<String> fitting = switch (column.type) {
                case "TAG", "STRING" -> Set.of("text");
                case "BOOLEAN" -> Set.of("boolean");
                case "INT64" -> Set.of("integer", "negative");
                case "UINT64" -> Set.of("integer", "huge");
                default -> Set.of("integer", "negative", "huge", "float");
            };
            if (!fitting.contains(seen)) {
                throw new Bad("conflict");
            }
        } else {
            column.type = common(column.seen);
        }
    }

    private static String common(Set<String> seen) {
        if (seen.equals(Set.of("text"))) {
            return "STRING";
        } else if (seen.equals(Set.of("boolean"))) {
            return "BOOLEAN";
        } else if (!seen.contains("text") && !seen.contains("boolean")) {
            if (seen.contains("float")) {
                return "FLOAT64";
            } else if (!seen.contains("huge")) {
                return "INT64";
            } else if (!seen.contains("negative")) {
                return "UINT64";
            }
        }
        throw new Bad("mixed");
    }

    private void put(
            String measurement,
            String name,
            Object value,
            TreeMap<String, String> tags,
            TreeMap<String, Object> fields) {
        if (value == NIL) {
            return;
        }
        String type = column(measurement, name).type;
        if (value instanceof Text text) {
            String utf8 = text.utf8();
            if (!type.equals("TAG")) {
                fields.put(name, utf8);
            } else if (!utf8.isEmpty()) {
                tags.put(name, utf8);
            }
        } else if (value instanceof BigInteger integer) {
            Object number = type.equals("FLOAT64") ? integer.doubleValue() : integer;
            fields.put(name, type.equals("INT64") ? (Object) integer.longValueExact() : number);
        } else {
            fields.put(name, value);
        }
    }

    /** The times of one column, or of all rows. */
    private final class Times {
        @Nullable
        Precision unit;

        void see(Object time) {
            if (time instanceof BigInteger integer) {
                if (integer.bitLength() > 63) {
                    throw new Bad("time");
                }
                if (options.precision() == Precision.AUTO && integer.signum() != 0) {
                    Precision guess = Precision.of(integer.longValue());
                    if (unit != null && unit != guess) {
                        throw new Bad("magnitudes");
                    }
                    unit = guess;
                }
            } else if (time instanceof Extension extension) {
                nanos(extension);
            } else if (time != NIL) {
                throw new Bad("time");
            }
        }

        long nanos(Object time) {
            if (time == NIL) {
                return options.precision().truncate(options.receiveTimeNanos());
            } else if (time instanceof Extension extension) {
                BigInteger nanos = nanos(extension);
                BigInteger seconds = nanos.subtract(nanos.mod(BigInteger.valueOf(1_000_000_000)))
                        .divide(BigInteger.valueOf(1_000_000_000));
                if (seconds.abs().compareTo(BigInteger.valueOf(9_223_372_036L)) > 0
                        || seconds.equals(BigInteger.valueOf(9_223_372_036L))) {
                    throw new Bad("range");
                }
                return nanos.longValueExact();
            }
            Precision precision = options.precision() != Precision.AUTO
                    ? options.precision()
                    : unit == null ? Precision.SECOND : unit;
            BigInteger nanos = ((BigInteger) time).multiply(BigInteger.valueOf(precision.nanos()));
            if (nanos.bitLength() > 63) {
                throw new Bad("range");
            }
            return nanos.longValue();
        }

        private BigInteger nanos(Extension extension) {
            byte[] data = extension.data();
            if (extension.type() != -1 || !Set.of(4, 8, 12).contains(data.length)) {
                throw new Bad("extension");
            }
            BigInteger seconds;
            BigInteger nanos;
            if (data.length == 12) {
                nanos = new BigInteger(Arrays.copyOf(data, 4));
                seconds = new BigInteger(Arrays.copyOfRange(data, 4, 12));
            } else {
                BigInteger all = new BigInteger(1, data);
                nanos = data.length == 4 ? BigInteger.ZERO : all.shiftRight(34);
                seconds = data.length == 4
                        ? all
                        : all.and(BigInteger.ONE.shiftLeft(34).subtract(BigInteger.ONE));
            }
            if (nanos.signum() < 0 || nanos.compareTo(BigInteger.valueOf(999_999_999)) > 0) {
                throw new Bad("nanoseconds");
            }
            return seconds.multiply(BigInteger.valueOf(1_000_000_000)).add(nanos);
        }
    }

    private static <T> T as(Class<T> type, @Nullable Object value) {
        if (!type.isInstance(value)) {
            throw new Bad("expected " + type);
        }
        return type.cast(value);
    }
}
