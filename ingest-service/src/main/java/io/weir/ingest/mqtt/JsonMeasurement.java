package io.weir.ingest.mqtt;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one measurement that came as JSON. The type of a column is the schema's, else that of its first value;
 * since JSON has one kind of number, a number makes a new column a float, and an integer column takes only integers. Not
 * thread-safe.
 */
final class JsonMeasurement {

    private static final int COLUMN_BYTES = 160;

    private final @Nullable MeasurementSchema schema;
    private final int maxColumns;
    private final LongConsumer memory;
    private final BatchBuilder builder;
    private final Map<String, ColumnType> types = new HashMap<>();
    private int newColumns;

    JsonMeasurement(String name, @Nullable MeasurementSchema schema, int maxColumns, LongConsumer memory) {
        this.schema = schema;
        this.maxColumns = maxColumns;
        this.memory = memory;
        this.builder = new BatchBuilder(name, memory);
    }

    /**
     * Adds a row.
     *
     * @param timeCell the cell that is its time, or -1
     * @throws RejectedMessage when it does not fit; nothing of it remains
     */
    void add(JsonCells cells, int timeCell, long timeNanos, MessageTarget target) {
        int fields = check(cells, timeCell, target);
        if (fields == 0) {
            throw new RejectedMessage("no field has a value");
        }
        SeriesTableBuilder series = builder.series();
        for (Map.Entry<String, String> tag : target.tags().entrySet()) {
            learn(tag.getKey(), ColumnType.TAG);
            stage(series, tag.getKey(), tag.getValue());
        }
        for (int cell = 0; cell < cells.size(); cell++) {
            if (isTag(cells, cell, target)) {
                learn(cells.key(cell), ColumnType.TAG);
                if (!cells.text(cell).isEmpty()) {
                    stage(series, cells.key(cell), cells.text(cell));
                }
            } else if (isField(cells, cell, timeCell)) {
                set(cells, cell, learn(cells.key(cell), typeOf(cells.kind(cell))));
            }
        }
        long micros = Math.floorDiv(timeNanos, 1_000L);
        builder.endRow(series.intern(), micros, (int) (timeNanos - micros * 1_000));
    }

    /** Number of fields of a row that fits. */
    private int check(JsonCells cells, int timeCell, MessageTarget target) {
        int fields = 0;
        int added = 0;
        String twice = cells.repeatedKey();
        if (twice != null) {
            throw new RejectedMessage("key \"" + Names.printable(twice) + "\" stands twice (expected: each key once)");
        }
        for (String tag : target.tags().keySet()) {
            added += checkColumn("tag", tag, ColumnType.TAG);
        }
        for (int cell = 0; cell < cells.size(); cell++) {
            String key = cells.key(cell);
            if (isTag(cells, cell, target)) {
                if (target.tags().containsKey(key)) {
                    throw new RejectedMessage("tag \"" + Names.printable(key) + "\" stands in the payload and in the"
                            + " topic or the settings (expected: in one of them)");
                }
                added += checkColumn("tag", key, ColumnType.TAG);
            } else if (isField(cells, cell, timeCell)) {
                if (target.tags().containsKey(key)) {
                    throw new RejectedMessage("field \"" + Names.printable(key) + "\" is a tag of the topic or the"
                            + " settings (expected: a field of another name)");
                }
                added += checkColumn("field", key, typeOf(cells.kind(cell)));
                checkValue(cells, cell);
                fields++;
            }
        }
        int known = schema == null ? 0 : schema.columns().size();
        if (known + newColumns + added > maxColumns) {
            throw new RejectedMessage("the row has one column too many (expected: at most " + maxColumns
                    + " columns in measurement \"" + Names.printable(builder.measurement()) + "\")");
        }
        return fields;
    }

    private static boolean isTag(JsonCells cells, int cell, MessageTarget target) {
        return cells.part(cell) == JsonCells.Part.TAGS
                || (cells.part(cell) == JsonCells.Part.TOP
                        && !cells.isStructured()
                        && target.subscription().jsonTags().contains(cells.key(cell)));
    }

    private static boolean isField(JsonCells cells, int cell, int timeCell) {
        return cell != timeCell
                && cells.part(cell) == (cells.isStructured() ? JsonCells.Part.FIELDS : JsonCells.Part.TOP);
    }

    /** Checks that the column can be a tag, or a field; 1 when it is new. */
    private int checkColumn(String kind, String name, ColumnType type) {
        ColumnType known = known(name);
        if (known != null) {
            if ((known == ColumnType.TAG) != (type == ColumnType.TAG)) {
                throw new RejectedMessage(kind + " \"" + Names.printable(name) + "\" is already a "
                        + (known == ColumnType.TAG ? "tag" : "field") + " (expected: another name)");
            }
            return 0;
        }
        String fault = name.isEmpty() ? kind + " name is empty" : Names.nameFault(kind, name);
        if (fault == null
                && type != ColumnType.TAG
                && (name.equals(MeasurementSchema.TIME) || name.equals(MeasurementSchema.TIME_NANOS))) {
            fault = kind + " name \"" + name + "\" is reserved (expected: another name)";
        }
        if (fault != null) {
            throw new RejectedMessage(fault);
        }
        return 1;
    }

    private void checkValue(JsonCells cells, int cell) {
        ColumnType known = known(cells.key(cell));
        ColumnType type = known == null ? typeOf(cells.kind(cell)) : known;
        boolean fits = switch (cells.kind(cell)) {
            case INTEGER ->
                type == ColumnType.FLOAT64
                        || type == ColumnType.INT64
                        || (type == ColumnType.UINT64 && cells.integer(cell) >= 0);
            case FLOAT -> type == ColumnType.FLOAT64;
            case TEXT -> type == ColumnType.STRING;
            case BOOLEAN -> type == ColumnType.BOOLEAN;
        };
        if (!fits) {
            throw new RejectedMessage("field \"" + Names.printable(cells.key(cell)) + "\" is " + type.noun()
                    + " but the value is " + Names.printable(cells.text(cell)));
        }
    }

    private @Nullable ColumnType known(String name) {
        ColumnType type = types.get(name);
        if (type == null && schema != null) {
            Column column = schema.find(name);
            return column == null ? null : column.type();
        }
        return type;
    }

    /** The type of that column, which is {@code type} from now on when it is new. */
    private ColumnType learn(String name, ColumnType type) {
        ColumnType known = types.get(name);
        if (known != null) {
            return known;
        }
        ColumnType stored = known(name);
        memory.accept(COLUMN_BYTES);
        if (stored == null) {
            newColumns++;
        }
        types.put(name, stored == null ? type : stored);
        return stored == null ? type : stored;
    }

    private static ColumnType typeOf(JsonCells.Kind kind) {
        return switch (kind) {
            case INTEGER, FLOAT -> ColumnType.FLOAT64;
            case TEXT -> ColumnType.STRING;
            case BOOLEAN -> ColumnType.BOOLEAN;
        };
    }

    private static void stage(SeriesTableBuilder series, String name, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int tag = series.tag(name);
        series.stage(tag, series.code(tag, utf8, 0, utf8.length));
    }

    private void set(JsonCells cells, int cell, ColumnType type) {
        int field = builder.field(cells.key(cell), type);
        switch (type) {
            case INT64, UINT64 -> builder.setLong(field, cells.integer(cell));
            case FLOAT64 -> builder.setDouble(field, cells.number(cell));
            case BOOLEAN -> builder.setBoolean(field, cells.integer(cell) != 0);
            default -> {
                byte[] utf8 = cells.text(cell).getBytes(StandardCharsets.UTF_8);
                builder.setString(field, utf8, 0, utf8.length);
            }
        }
    }

    void finish(List<ColumnBatch> batches) {
        if (builder.rows() > 0) {
            batches.add(builder.build());
        }
    }
}
