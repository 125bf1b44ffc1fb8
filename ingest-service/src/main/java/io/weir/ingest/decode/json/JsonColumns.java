package io.weir.ingest.decode.json;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.schema.ColumnType;
import io.weir.ingest.decode.LineFault;

/**
 * Reads the keys and values of an object into the open row of a measurement. Keys are predicted: the key expected behind
 * another is the one that stood there last time, and one comparison tells.
 */
final class JsonColumns {

    /** What the keys of an object name. */
    enum Role {
        /** Tags and fields, as the columns are, and the time. */
        ANY,
        TAG,
        FIELD
    }

    private final JsonStrings strings;
    private final JsonNumbers numbers;
    private final JsonSyntax syntax;
    private final JsonTimes times;
    private long row;
    private boolean hasField;

    JsonColumns(JsonStrings strings, JsonNumbers numbers, JsonSyntax syntax, JsonTimes times) {
        this.strings = strings;
        this.numbers = numbers;
        this.syntax = syntax;
        this.times = times;
    }

    /** Before a row. */
    void startRow() {
        row++;
        hasField = false;
    }

    /** Whether some field of the row has a value. */
    boolean hasField() {
        return hasField;
    }

    /** Position of the first key of the object that opens at {@code open}, or the complement of that behind the object. */
    int first(byte[] buffer, int open, int limit) {
        int at = syntax.space(buffer, open + 1, limit);
        return buffer[at] == '}' ? ~(at + 1) : at;
    }

    /** Position of the key behind the value that ends at {@code from}, or the complement of that behind the object. */
    int next(byte[] buffer, int from, int limit) {
        int at = syntax.space(buffer, from, limit);
        if (buffer[at] == ',') {
            return syntax.space(buffer, at + 1, limit);
        } else if (buffer[at] == '}') {
            return ~(at + 1);
        }
        throw syntax.unexpected(buffer, at, limit, "behind a value", "a comma or }");
    }

    /** Reads the key at {@code at}; returns the position of its value. */
    int key(byte[] buffer, int at, int limit) {
        if (buffer[at] != '"') {
            throw syntax.unexpected(buffer, at, limit, "where a key should be", "a key in double quotes");
        }
        return syntax.colon(buffer, strings.read(buffer, at + 1, limit), limit);
    }

    /**
     * Reads an object into the open row of {@code measurement}.
     *
     * @param head where the prediction of keys begins
     * @param from position of a key, as {@link #first} and {@link #next} return it
     * @return position after the object
     */
    int read(JsonMeasurement measurement, JsonSlot head, Role role, byte[] buffer, int from, int limit) {
        JsonSlot previous = head;
        int at = from;
        while (at >= 0) {
            int key = at;
            JsonSlot slot = previous.next;
            if (slot != null
                    && isUsual(slot, measurement, role)
                    && buffer[at] == '"'
                    && slot.isAt(buffer, at + 1, limit)) {
                at = syntax.colon(buffer, at + 1 + slot.length(), limit);
            } else {
                at = key(buffer, at, limit);
                slot = slot(measurement, role, key);
                previous.next = slot;
            }
            at = next(buffer, pair(measurement, slot, role, buffer, key, at, limit), limit);
            previous = slot;
        }
        return ~at;
    }

    /** Reads one pair, whose key is at {@code key}, apart from the others; returns the position after its value. */
    int readOne(JsonMeasurement measurement, byte[] buffer, int key, int limit) {
        int value = key(buffer, key, limit);
        return pair(measurement, slot(measurement, Role.ANY, key), Role.ANY, buffer, key, value, limit);
    }

    /** Whether a key of that name is that slot in every role that may follow here: a tag called time is not the time. */
    private static boolean isUsual(JsonSlot slot, JsonMeasurement measurement, Role role) {
        return !slot.isTime || (role == Role.ANY && slot == measurement.time);
    }

    private JsonSlot slot(JsonMeasurement measurement, Role role, int key) {
        if (role == Role.ANY && measurement.isTime(strings)) {
            return measurement.time;
        }
        if (role != Role.TAG && strings.is(JsonSlot.TIME)) {
            throw LineFault.name(key, "field name \"time\" is reserved", "another name");
        }
        return measurement.slot(strings, key);
    }

    private int pair(
            JsonMeasurement measurement, JsonSlot slot, Role role, byte[] buffer, int key, int value, int limit) {
        if (slot.row == row) {
            throw LineFault.name(key, "key \"" + slot.name + "\" stands twice in the row", "each key once");
        }
        slot.row = row;
        if (slot == measurement.time) {
            return times.read(buffer, value, limit);
        }
        boolean tag = isTag(slot, role, key);
        return value(measurement, slot, tag, buffer, value, limit);
    }

    /** Whether the key, in that role, names a tag. */
    private static boolean isTag(JsonSlot slot, Role role, int key) {
        ColumnType type = slot.type;
        if (role == Role.ANY) {
            if (slot.tagByRequest && type != null && type != ColumnType.TAG) {
                throw LineFault.name(key, "tag \"" + slot.name + "\" is already a field", "a tag of another name");
            }
            return slot.tagByRequest || type == ColumnType.TAG;
        }
        if (role == Role.TAG && type != null && type != ColumnType.TAG) {
            throw LineFault.name(key, "tag \"" + slot.name + "\" is already a field", "a tag of another name");
        }
        if (role == Role.FIELD && type == ColumnType.TAG) {
            throw LineFault.name(key, "field \"" + slot.name + "\" is already a tag", "a field of another name");
        }
        return role == Role.TAG;
    }

    private int value(JsonMeasurement measurement, JsonSlot slot, boolean tag, byte[] buffer, int at, int limit) {
        byte first = buffer[at];
        if (first == '"') {
            int end = strings.read(buffer, at + 1, limit);
            if (tag) {
                tag(measurement, slot);
            } else {
                fix(measurement, slot, ColumnType.STRING, at);
                int field = measurement.fieldIndex(slot, ColumnType.STRING);
                measurement.builder().setString(field, strings.text(), strings.from(), strings.to());
            }
            return end;
        } else if (first == '-' || (first >= '0' && first <= '9')) {
            int end = numbers.read(buffer, at);
            number(measurement, slot, tag, at);
            return end;
        } else if (first == 't' || first == 'f') {
            int end = syntax.literal(buffer, at, limit, first == 't' ? "true" : "false");
            requireField(slot, tag, ColumnType.BOOLEAN, at);
            fix(measurement, slot, ColumnType.BOOLEAN, at);
            measurement.builder().setBoolean(measurement.fieldIndex(slot, ColumnType.BOOLEAN), first == 't');
            return end;
        } else if (first == 'n') {
            return syntax.literal(buffer, at, limit, "null");
        }
        throw syntax.noValue(buffer, at, limit, slot.name);
    }

    private void tag(JsonMeasurement measurement, JsonSlot slot) {
        if (strings.isEmpty()) {
            return;
        }
        if (slot.type == null) {
            measurement.fix(slot, ColumnType.TAG);
        }
        SeriesTableBuilder series = measurement.builder().series();
        int index = measurement.tagIndex(slot);
        series.stage(index, series.code(index, strings.text(), strings.from(), strings.to()));
    }

    private void number(JsonMeasurement measurement, JsonSlot slot, boolean tag, int at) {
        ColumnType written = numbers.isInteger() ? ColumnType.INT64 : ColumnType.FLOAT64;
        requireField(slot, tag, written, at);
        ColumnType type = slot.type == null ? written : slot.type;
        boolean fits = type == ColumnType.FLOAT64
                || (numbers.isInteger() && (type == ColumnType.INT64 || type == ColumnType.UINT64));
        if (!fits) {
            throw conflict(slot, type, written, at);
        }
        BatchBuilder builder = measurement.builder();
        if (type == ColumnType.FLOAT64) {
            double value = numbers.real();
            fix(measurement, slot, type, at);
            builder.setDouble(measurement.fieldIndex(slot, type), value);
        } else {
            long value = type == ColumnType.INT64 ? numbers.signed() : numbers.unsigned();
            fix(measurement, slot, type, at);
            builder.setLong(measurement.fieldIndex(slot, type), value);
        }
    }

    /** Takes note that the field has a value of that type, and that the column is of it. */
    private void fix(JsonMeasurement measurement, JsonSlot slot, ColumnType type, int at) {
        if (slot.type == null) {
            measurement.fix(slot, type);
        } else if (slot.type != type) {
            throw conflict(slot, slot.type, type, at);
        }
        hasField = true;
    }

    private static void requireField(JsonSlot slot, boolean tag, ColumnType written, int at) {
        if (tag) {
            throw LineFault.conflict(at, "tag \"" + slot.name + "\" has a value that is " + written.noun(), "a string");
        }
    }

    private static LineFault conflict(JsonSlot slot, ColumnType type, ColumnType written, int at) {
        return LineFault.conflict(
                at,
                "field \"" + slot.name + "\" is " + type.noun() + " but the value is " + written.noun(),
                type.noun());
    }
}
