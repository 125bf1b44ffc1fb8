package io.weir.ingest.mqtt;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.SchemaLookup;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a database knows, and what the messages decoded so far will add to it: so that the first message of a batch fixes
 * the types of its columns for the others, as it would alone. Not thread-safe.
 */
final class LearntSchemas implements SchemaLookup {

    private final SchemaLookup stored;
    private final Map<String, MeasurementSchema> learnt = new HashMap<>();

    LearntSchemas(SchemaLookup stored) {
        this.stored = stored;
    }

    @Override
    public @Nullable MeasurementSchema find(String measurement) {
        MeasurementSchema schema = learnt.get(measurement);
        return schema == null ? stored.find(measurement) : schema;
    }

    /** Learns the columns of a batch that will be stored. */
    void learn(ColumnBatch batch) {
        MeasurementSchema schema = find(batch.measurement());
        MeasurementSchema before = schema == null ? MeasurementSchema.empty() : schema;
        if (schema == null || !covers(before, batch)) {
            learnt.put(batch.measurement(), before.plus(batch.columns(), batch.timeNanos() != null));
        }
    }

    private static boolean covers(MeasurementSchema schema, ColumnBatch batch) {
        for (String tag : batch.series().tagNames()) {
            if (schema.find(tag) == null) {
                return false;
            }
        }
        for (FieldColumn field : batch.fields()) {
            if (schema.find(field.name()) == null) {
                return false;
            }
        }
        return true;
    }

    /**
     * Says which column of the batch the schema has under another type.
     *
     * @throws RejectedMessage when there is one
     */
    void requireTypes(ColumnBatch batch) {
        MeasurementSchema schema = find(batch.measurement());
        if (schema == null) {
            return;
        }
        for (String tag : batch.series().tagNames()) {
            requireType(schema, tag, ColumnType.TAG);
        }
        for (FieldColumn field : batch.fields()) {
            requireType(schema, field.name(), field.type());
        }
    }

    private static void requireType(MeasurementSchema schema, String name, ColumnType type) {
        Column known = schema.find(name);
        if (known != null && known.type() != type) {
            throw RejectedMessage.conflict(known, type);
        }
    }
}
