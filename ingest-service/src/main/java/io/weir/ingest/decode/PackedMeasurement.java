package io.weir.ingest.decode;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.Utf8DictionaryBuilder;
import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One measurement of a MessagePack request: its columns, and the batch of what came as rows. */
final class PackedMeasurement {

    private static final int COLUMN_BYTES = 160;

    final String name;
    private final @Nullable MeasurementSchema schema;
    private final DecodeOptions options;
    private final Utf8DictionaryBuilder names;
    private final List<PackedColumn> columns = new ArrayList<>();
    private int newColumns;
    private @Nullable BatchBuilder rows;

    PackedMeasurement(String name, DecodeOptions options) {
        this.name = name;
        this.options = options;
        this.schema = options.schemas().find(name);
        this.names = new Utf8DictionaryBuilder(options.memory());
    }

    /** The batch of rows, begun with the first of them. */
    BatchBuilder rows() {
        if (rows == null) {
            rows = new BatchBuilder(name, options.memory());
        }
        return rows;
    }

    /** The batch of rows, if there is one. */
    @Nullable
    BatchBuilder begunRows() {
        return rows;
    }

    /** Closes the batch of rows: the next row begins another. */
    void endRows() {
        rows = null;
        columns.forEach(column -> column.index = -1);
    }

    /** Bytes of bookkeeping. */
    long overheadBytes() {
        return names.sizeBytes() + (long) COLUMN_BYTES * columns.size();
    }

    /** The column whose name the cursor read last; added, with what the schema says of it, when it is new. */
    PackedColumn column(MessagePackCursor cursor) {
        byte[] bytes = cursor.bytes();
        int from = cursor.textStart();
        int code = names.find(bytes, from, cursor.textEnd());
        if (code >= 0) {
            return columns.get(code);
        }
        if (Utf8.firstInvalid(bytes, from, cursor.textEnd()) >= 0) {
            throw new MessagePackFault(from, "column name is not UTF-8");
        }
        String text = cursor.text();
        String fault = text.isEmpty() ? "column name is empty" : Names.nameFault("column", text);
        if (fault == null && (text.equals(MeasurementSchema.TIME) || text.equals(MeasurementSchema.TIME_NANOS))) {
            fault = "column name \"" + text + "\" is reserved";
        }
        if (fault != null) {
            throw new MessagePackFault(from, fault);
        }
        Column stored = schema == null ? null : schema.find(text);
        if (stored == null) {
            newColumns++;
            int limit = options.limits().maxColumns();
            if (newColumns + (schema == null ? 0 : schema.columns().size()) > limit) {
                throw new MessagePackFault(from, "is one column too many (expected: at most " + limit + ")");
            }
        }
        options.memory().accept(COLUMN_BYTES);
        PackedColumn column = new PackedColumn(text, stored == null ? null : stored.type());
        names.intern(bytes, from, cursor.textEnd());
        columns.add(column);
        return column;
    }
}
