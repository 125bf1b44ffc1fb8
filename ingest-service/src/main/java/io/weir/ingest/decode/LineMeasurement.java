package io.weir.ingest.decode;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.SeriesCopier;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8DictionaryBuilder;
import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One measurement of a line protocol request: its columns, their types as the schema or an accepted row fixed them, and
 * the batch being built. Whatever a row added goes when the row is aborted. Fields are predicted: the key expected at a
 * position is the one that stood there in the row before.
 */
final class LineMeasurement {

    private static final int SLOT_BYTES = 160;

    final String name;
    private final @Nullable MeasurementSchema schema;
    private final int maxColumns;
    private final LongConsumer memory;
    private final BodyProgress progress;
    private final Utf8DictionaryBuilder spellings;
    private ColumnSlot[] slots = new ColumnSlot[8];
    private int committedSlots;
    private int newColumns;
    private int committedNewColumns;
    private @Nullable ColumnSlot[] shape = new ColumnSlot[8];
    private BatchBuilder builder;
    private @Nullable SeriesCopier copier;
    private @Nullable SeriesTable lastTable;

    LineMeasurement(
            String name,
            @Nullable MeasurementSchema schema,
            int maxColumns,
            LongConsumer memory,
            BodyProgress progress) {
        this.name = name;
        this.schema = schema;
        this.maxColumns = maxColumns;
        this.memory = memory;
        this.progress = progress;
        this.spellings = new Utf8DictionaryBuilder(memory);
        this.builder = begin();
    }

    private BatchBuilder begin() {
        BatchBuilder begun = new BatchBuilder(name, memory);
        progress.forecast(begun);
        return begun;
    }

    /** The batch being built. */
    BatchBuilder builder() {
        return builder;
    }

    /** Bytes of bookkeeping beside the batch. */
    long overheadBytes() {
        return spellings.sizeBytes() + (long) SLOT_BYTES * spellings.size();
    }

    /** The column that the row before had as its field number {@code position}; null when it had fewer. */
    @Nullable
    ColumnSlot expected(int position) {
        return position < shape.length ? shape[position] : null;
    }

    /** The known column spelled {@code buffer[from, to)}, or null. */
    @Nullable
    ColumnSlot known(byte[] buffer, int from, int to) {
        int code = spellings.find(buffer, from, to);
        return code < 0 ? null : slots[code];
    }

    /** Expects {@code slot} as field number {@code position} of the next row. */
    void expect(int position, ColumnSlot slot) {
        if (position >= shape.length) {
            shape = Arrays.copyOf(shape, Math.max(shape.length * 2, position + 1));
        }
        shape[position] = slot;
    }

    /**
     * Adds the column spelled {@code buffer[from, to)}, of the type the schema says, else of {@code type}.
     *
     * @throws LineFault when it cannot be a name, or there are too many columns
     */
    ColumnSlot add(byte[] buffer, int from, int to, ColumnType type, Escapes escapes) {
        String kind = type == ColumnType.TAG ? "tag" : "field";
        int invalid = Utf8.firstInvalid(buffer, from, to);
        if (invalid >= 0) {
            throw LineFault.syntax(invalid, () -> kind + " name is not UTF-8", "well-formed UTF-8");
        }
        escapes.key(buffer, from, to);
        String column = escapes.toString();
        if (type != ColumnType.TAG
                && (column.equals(MeasurementSchema.TIME) || column.equals(MeasurementSchema.TIME_NANOS))) {
            throw LineFault.name(from, () -> kind + " name \"" + column + "\" is reserved", "another name");
        }
        String fault = Names.nameFault(kind, column);
        if (fault != null) {
            throw LineFault.name(from, fault, "at most 128 bytes without control characters");
        }
        Column stored = schema == null ? null : schema.find(column);
        if (stored == null) {
            int columns = (schema == null ? 0 : schema.columns().size()) + newColumns;
            if (columns >= maxColumns) {
                throw LineFault.limit(
                        from,
                        () -> kind + " \"" + Names.printable(column) + "\" is one column too many for measurement \""
                                + Names.printable(name) + "\"",
                        "at most " + maxColumns + " columns");
            }
            newColumns++;
        }
        memory.accept(SLOT_BYTES);
        int code = spellings.intern(buffer, from, to);
        if (code == slots.length) {
            slots = Arrays.copyOf(slots, code * 2);
        }
        ColumnSlot slot =
                new ColumnSlot(column, stored == null ? type : stored.type(), Arrays.copyOfRange(buffer, from, to));
        slots[code] = slot;
        return slot;
    }

    /** Index of that field in the current batch. */
    int fieldIndex(ColumnSlot slot) {
        if (slot.index == ColumnSlot.NONE) {
            slot.index = builder.field(slot.name, slot.type);
        }
        return slot.index;
    }

    /** Index of that tag in the current batch. */
    int tagIndex(ColumnSlot slot) {
        if (slot.index == ColumnSlot.NONE) {
            slot.index = builder.series().tag(slot.name);
        }
        return slot.index;
    }

    /**
     * Number of the series {@code number} of {@code known} in the current batch, which gets it when it is new; or
     * {@link SeriesKeys#NONE} when this measurement cannot have these tags.
     *
     * @param known one table, always the same
     */
    int series(SeriesTable known, int number, Escapes escapes) {
        if (copier == null) {
            copier = new SeriesCopier(known, builder.series(), tag -> tagIndex(tag, escapes), memory);
        }
        try {
            return copier.copy(number);
        } catch (LineFault fault) {
            // Whoever reads the tags one by one will meet the same fault, and can say where.
            builder.series().unstage();
            return SeriesKeys.NONE;
        }
    }

    private int tagIndex(String tag, Escapes escapes) {
        byte[] spelling = tag.getBytes(StandardCharsets.UTF_8);
        ColumnSlot slot = known(spelling, 0, spelling.length);
        if (slot == null) {
            slot = add(spelling, 0, spelling.length, ColumnType.TAG, escapes);
        }
        if (slot.type != ColumnType.TAG) {
            throw LineFault.name(0, "tag \"" + slot.name + "\" is already a field", "a tag of another name");
        }
        return tagIndex(slot);
    }

    /** Accepts the current row with the columns it brought. */
    void endRow(int series, long timeMicros, int nanos) {
        builder.endRow(series, timeMicros, nanos);
        committedSlots = spellings.size();
        committedNewColumns = newColumns;
    }

    /** Drops the current row with the columns it brought. */
    void abortRow() {
        builder.abortRow();
        if (copier != null) {
            copier.rollback();
        }
        if (spellings.size() > committedSlots) {
            memory.accept(-(long) SLOT_BYTES * (spellings.size() - committedSlots));
            Arrays.fill(shape, null);
        }
        spellings.truncate(committedSlots);
        newColumns = committedNewColumns;
        for (int code = 0; code < committedSlots; code++) {
            ColumnSlot slot = slots[code];
            int present = slot.type == ColumnType.TAG ? builder.series().tags() : builder.fields();
            if (slot.index >= present) {
                slot.index = ColumnSlot.NONE;
            }
        }
    }

    /** Moves the rows so far into {@code batches} and begins another batch. Series numbers start anew. */
    void cut(List<ColumnBatch> batches) {
        if (builder.rows() > 0) {
            ColumnBatch batch = builder.build();
            batches.add(batch);
            memory.accept(batch.sizeBytes() - builder.sizeBytes());
            lastTable = batch.series();
            closeCopier();
            builder = begin();
            for (int code = 0; code < spellings.size(); code++) {
                slots[code].index = ColumnSlot.NONE;
            }
        }
    }

    /** The series of the batch cut last, or null when there is none. */
    @Nullable
    SeriesTable lastTable() {
        return lastTable;
    }

    private void closeCopier() {
        if (copier != null) {
            copier.close();
            copier = null;
        }
    }

    /** Gives back what is charged beside the batches; nothing else may be called afterwards. */
    void close() {
        closeCopier();
        memory.accept(-overheadBytes() - builder.sizeBytes());
    }
}
