package io.weir.ingest.decode.json;

import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.LineFault;
import io.weir.ingest.decode.json.JsonColumns.Role;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads one object into the batch of its measurement. A row is flat, {@code {"time": …, column: value, …}}, or long,
 * {@code {"m": …, "t": …, "tags": {…}, "fields": {…}}}; it is long when {@code tags}, {@code fields} or {@code f} is an
 * object and no key before it names a column for certain. Keys seen before that is known are read once it is.
 */
final class JsonRowReader {

    private static final int NONE = -1;
    private static final JsonKey[] KEYS = JsonKey.values();

    private final JsonMeasurements measurements;
    private final JsonStrings strings;
    private final JsonSyntax syntax;
    private final JsonTimes times;
    private final JsonColumns columns;
    /** Per {@link JsonKey} where it stands in the row, or {@link #NONE}. */
    private final int[] places = new int[KEYS.length];
    /** Keys, a bit each, that stand in the row and were not read into it yet. */
    private int pending;

    private @Nullable JsonMeasurement current;

    JsonRowReader(DecodeOptions options, JsonMeasurements measurements, boolean document) {
        JsonNumbers numbers = new JsonNumbers();
        this.measurements = measurements;
        this.strings = new JsonStrings(options.memory());
        this.syntax = new JsonSyntax(document, strings, numbers);
        this.times = new JsonTimes(options, strings, numbers, syntax);
        this.columns = new JsonColumns(strings, numbers, syntax, times);
    }

    JsonSyntax syntax() {
        return syntax;
    }

    /** The measurement of the open row, or of the one accepted last. */
    @Nullable
    JsonMeasurement current() {
        return current;
    }

    /** Gives back what is charged. */
    void close() {
        strings.close();
    }

    /**
     * Reads the object at {@code start} into an open row; {@link #accept} or {@link #abort} must follow.
     *
     * @return position after the object
     * @throws LineFault when the row is bad
     */
    int read(byte[] buffer, int start, int limit) {
        current = null;
        columns.startRow();
        times.startRow();
        if (buffer[start] != '{') {
            throw syntax.unexpected(buffer, start, limit, "where a row should be", "an object");
        }
        int key = columns.first(buffer, start, limit);
        JsonMeasurement likely = measurements.likelyDefault();
        int end = key >= 0 && likely != null && likely.beginsWith(buffer, key, limit)
                ? columns(likely, buffer, key, limit)
                : undecided(buffer, start, key, limit);
        if (!columns.hasField()) {
            throw LineFault.syntax(start, "row has no field with a value", "at least one");
        }
        return end;
    }

    /** Accepts the row. */
    void accept() {
        JsonMeasurement measurement = current;
        if (measurement == null) {
            throw new IllegalStateException("no row is open");
        }
        int series = measurement.builder().series().intern();
        long nanos = times.nanos();
        long micros = Math.floorDiv(nanos, 1_000L);
        measurement.endRow(series, micros, (int) (nanos - micros * 1_000));
        measurements.commit();
    }

    /** Drops the row. */
    void abort() {
        if (current != null) {
            current.abortRow();
            current = null;
        }
        measurements.rollback();
    }

    private int columns(JsonMeasurement measurement, byte[] buffer, int key, int limit) {
        current = measurement;
        return columns.read(measurement, measurement.flat, Role.ANY, buffer, key, limit);
    }

    private int undecided(byte[] buffer, int start, int from, int limit) {
        Arrays.fill(places, NONE);
        pending = 0;
        int at = from;
        while (at >= 0) {
            int key = at;
            at = columns.key(buffer, at, limit);
            JsonKey known = JsonKey.of(strings);
            if (known == null) {
                return flat(buffer, start, key, limit);
            }
            if (known.holdsColumns() && buffer[at] == '{') {
                return elongated(buffer, start, key, limit);
            }
            postpone(known, key);
            at = columns.next(buffer, syntax.skip(buffer, at, limit), limit);
        }
        return flat(buffer, start, at, limit);
    }

    private int flat(byte[] buffer, int start, int from, int limit) {
        JsonMeasurement measurement = measurements.byDefault(start);
        current = measurement;
        for (JsonKey key : KEYS) {
            if (isPending(key)) {
                columns.readOne(measurement, buffer, places[key.index], limit);
            }
        }
        return columns(measurement, buffer, from, limit);
    }

    private int elongated(byte[] buffer, int start, int from, int limit) {
        if (isPending(JsonKey.M)) {
            measurement(buffer, columns.key(buffer, places[JsonKey.M.index], limit), limit);
        }
        if (isPending(JsonKey.T)) {
            times.read(buffer, columns.key(buffer, places[JsonKey.T.index], limit), limit);
        }
        int at = from;
        while (at >= 0) {
            int key = at;
            at = columns.key(buffer, at, limit);
            JsonKey known = JsonKey.of(strings);
            if (known == null) {
                throw LineFault.name(
                        key,
                        "unknown key " + LineFault.quoted(strings.text(), strings.from(), strings.to()),
                        "m, t, tags, fields or f, as the row has one of the last three");
            }
            postpone(known, key);
            if (places[JsonKey.FIELDS.index] != NONE && places[JsonKey.F.index] != NONE) {
                throw LineFault.name(key, "row has both \"fields\" and \"f\"", "one of them");
            }
            int end;
            if (known == JsonKey.M) {
                end = measurement(buffer, at, limit);
            } else if (known == JsonKey.T) {
                end = times.read(buffer, at, limit);
            } else if (current != null) {
                pending &= ~(1 << known.index);
                end = object(known, current, buffer, at, limit);
            } else {
                end = syntax.skip(buffer, at, limit);
            }
            at = columns.next(buffer, end, limit);
        }
        JsonMeasurement measurement = current == null ? measurements.byDefault(start) : current;
        current = measurement;
        for (JsonKey key : KEYS) {
            if (key.holdsColumns() && isPending(key)) {
                int value = columns.key(buffer, places[key.index], limit);
                object(key, measurement, buffer, value, limit);
            }
        }
        return ~at;
    }

    /** Reads the value of {@code m} at {@code at}; null says nothing. Returns the position after it. */
    private int measurement(byte[] buffer, int at, int limit) {
        if (buffer[at] == 'n') {
            return syntax.literal(buffer, at, limit, "null");
        }
        if (buffer[at] != '"') {
            throw LineFault.syntax(at, "measurement is no string", "a string");
        }
        int end = strings.read(buffer, at + 1, limit);
        current = measurements.named(strings, at);
        return end;
    }

    /** Reads the value of {@code tags} or {@code fields} at {@code at}; null says nothing. Returns the position after it. */
    private int object(JsonKey key, JsonMeasurement measurement, byte[] buffer, int at, int limit) {
        if (buffer[at] == 'n') {
            return syntax.literal(buffer, at, limit, "null");
        }
        if (buffer[at] != '{') {
            throw LineFault.syntax(at, "value of \"" + key.text() + "\" is no object", "an object");
        }
        boolean tags = key == JsonKey.TAGS;
        JsonSlot head = tags ? measurement.tags : measurement.fields;
        Role role = tags ? Role.TAG : Role.FIELD;
        return columns.read(measurement, head, role, buffer, columns.first(buffer, at, limit), limit);
    }

    private boolean isPending(JsonKey key) {
        return (pending & 1 << key.index) != 0;
    }

    /** Remembers where a key of the row is. */
    private void postpone(JsonKey known, int key) {
        if (places[known.index] != NONE) {
            throw LineFault.name(key, "key \"" + known.text() + "\" stands twice in the row", "each key once");
        }
        places[known.index] = key;
        pending |= 1 << known.index;
    }
}
