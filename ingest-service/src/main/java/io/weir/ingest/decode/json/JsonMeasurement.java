package io.weir.ingest.decode.json;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.Utf8DictionaryBuilder;
import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.LineFault;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One measurement of a JSON request: its keys, their types, and the batch being built. Whatever a row added goes when
 * the row is aborted.
 */
final class JsonMeasurement {

    private static final int SLOT_BYTES = 224;

    final String name;
    /** Where the prediction of the keys of a flat row, of its tags and of its fields begins. */
    final JsonSlot flat = head();

    final JsonSlot tags = head();
    final JsonSlot fields = head();
    /** The time of a flat row, which is a key among the others. */
    final JsonSlot time;

    private final @Nullable MeasurementSchema schema;
    private final DecodeOptions options;
    private final RowDefaults defaults;
    private final byte[] timeKey;
    private final Utf8DictionaryBuilder names;
    private JsonSlot[] slots = new JsonSlot[8];
    private int committedSlots;
    private int newColumns;
    private int committedNewColumns;
    /** Slots that got their type in the current row. */
    private JsonSlot[] typed = new JsonSlot[8];

    private int typedCount;
    private BatchBuilder builder;

    JsonMeasurement(String name, RowDefaults defaults, DecodeOptions options) {
        this.name = name;
        this.defaults = defaults;
        this.timeKey = defaults.time().getBytes(StandardCharsets.UTF_8);
        this.time = new JsonSlot(defaults.time(), spelling(defaults.time()), false, JsonKey.is(timeKey), true, null);
        this.options = options;
        this.schema = options.schemas().find(name);
        this.names = new Utf8DictionaryBuilder(options.memory());
        this.builder = new BatchBuilder(name, options.memory());
    }

    /** The batch being built. */
    BatchBuilder builder() {
        return builder;
    }

    /** Whether a row that begins with the key at {@code at} is flat, because the flat row before began with it too. */
    boolean beginsWith(byte[] buffer, int at, int limit) {
        JsonSlot first = flat.next;
        return first != null && !first.ambiguous && buffer[at] == '"' && first.isAt(buffer, at + 1, limit);
    }

    /** Whether the key read last is that of the time of flat rows. */
    boolean isTime(JsonStrings key) {
        return key.is(timeKey);
    }

    /** The key named {@code key}, which stands at {@code position}; added when it is new. */
    JsonSlot slot(JsonStrings key, int position) {
        int code = names.find(key.text(), key.from(), key.to());
        return code >= 0 ? slots[code] : add(key, position);
    }

    /** Fixes the type of a column by its first value. */
    void fix(JsonSlot slot, ColumnType type) {
        slot.type = type;
        if (typedCount == typed.length) {
            options.memory().accept(8L * typedCount);
            typed = Arrays.copyOf(typed, typedCount * 2);
        }
        typed[typedCount++] = slot;
    }

    /** Index of that field in the current batch. */
    int fieldIndex(JsonSlot slot, ColumnType type) {
        if (slot.index == JsonSlot.NONE) {
            slot.index = builder.field(slot.name, type);
        }
        return slot.index;
    }

    /** Index of that tag in the current batch. */
    int tagIndex(JsonSlot slot) {
        if (slot.index == JsonSlot.NONE) {
            slot.index = builder.series().tag(slot.name);
        }
        return slot.index;
    }

    /** Accepts the current row with the columns it brought. */
    void endRow(int series, long timeMicros, int nanos) {
        builder.endRow(series, timeMicros, nanos);
        committedSlots = names.size();
        committedNewColumns = newColumns;
        typedCount = 0;
    }

    /** Drops the current row with the columns it brought. */
    void abortRow() {
        builder.abortRow();
        for (; typedCount > 0; typedCount--) {
            typed[typedCount - 1].type = null;
        }
        int present = names.size();
        if (present > committedSlots) {
            options.memory().accept(-(long) SLOT_BYTES * (present - committedSlots));
            names.truncate(committedSlots);
            Arrays.fill(slots, committedSlots, present, null);
            forgetOrder();
        }
        newColumns = committedNewColumns;
        for (int code = 0; code < committedSlots; code++) {
            JsonSlot slot = slots[code];
            int columns = slot.type == ColumnType.TAG ? builder.series().tags() : builder.fields();
            if (slot.type == null || slot.index >= columns) {
                slot.index = JsonSlot.NONE;
            }
        }
    }

    /** Moves the rows so far into {@code batches} and begins another batch. */
    void cut(List<ColumnBatch> batches) {
        if (builder.rows() > 0) {
            ColumnBatch batch = builder.build();
            batches.add(batch);
            options.memory().accept(batch.sizeBytes() - builder.sizeBytes());
            builder = new BatchBuilder(name, options.memory());
            for (int code = 0; code < names.size(); code++) {
                slots[code].index = JsonSlot.NONE;
            }
        }
    }

    /** Gives back what is charged beside the batches; nothing else may be called afterwards. */
    void close() {
        long typedBytes = 8L * (typed.length - 8);
        options.memory()
                .accept(-names.sizeBytes() - (long) SLOT_BYTES * names.size() - typedBytes - builder.sizeBytes());
    }

    private JsonSlot add(JsonStrings key, int position) {
        if (key.isEmpty()) {
            throw LineFault.name(position, "key is empty", "a name of 1 to 128 bytes without control characters");
        }
        String column = key.toString();
        if (column.equals(MeasurementSchema.TIME_NANOS)) {
            throw LineFault.name(position, "name \"" + column + "\" is reserved", "another name");
        }
        if (defaults.given().contains(column)) {
            throw LineFault.name(
                    position, "\"" + column + "\" is a tag that every row gets", "a row without it, or another name");
        }
        String fault = Names.nameFault("column", column);
        if (fault != null) {
            throw LineFault.name(position, fault, "at most 128 bytes without control characters");
        }
        Column stored = schema == null ? null : schema.find(column);
        if (stored == null) {
            requireRoom(column, position);
            newColumns++;
        }
        options.memory().accept(SLOT_BYTES);
        int code = names.intern(key.text(), key.from(), key.to());
        if (code == slots.length) {
            slots = Arrays.copyOf(slots, code * 2);
        }
        JsonSlot slot = new JsonSlot(
                column,
                spelling(column),
                defaults.tags().contains(column),
                JsonKey.of(key) != null,
                column.equals(defaults.time()) || column.equals(MeasurementSchema.TIME),
                stored == null ? null : stored.type());
        slots[code] = slot;
        return slot;
    }

    private void requireRoom(String column, int position) {
        int columns = (schema == null ? 0 : schema.columns().size()) + newColumns;
        if (columns >= options.limits().maxColumns()) {
            throw LineFault.limit(
                    position,
                    "\"" + Names.printable(column) + "\" is one column too many for measurement \""
                            + Names.printable(name) + "\"",
                    "at most " + options.limits().maxColumns() + " columns");
        }
    }

    /** A predicted key may be one of those just dropped. */
    private void forgetOrder() {
        flat.next = null;
        tags.next = null;
        fields.next = null;
        time.next = null;
        for (int code = 0; code < committedSlots; code++) {
            slots[code].next = null;
        }
    }

    /** How the key usually stands in a text, without the opening quote; empty when it needs escapes. */
    private static byte[] spelling(String key) {
        boolean escaped = key.indexOf('"') >= 0 || key.indexOf('\\') >= 0;
        return escaped ? new byte[0] : (key + '"').getBytes(StandardCharsets.UTF_8);
    }

    private static JsonSlot head() {
        return new JsonSlot("", new byte[0], false, false, false, null);
    }
}
