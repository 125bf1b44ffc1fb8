package io.weir.ingest.schema;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.hot.HotArea;
import io.weir.common.model.DatabaseId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The schemas of one database as this process knows them. Thread-safe; a schema only ever grows. */
public final class DatabaseSchemas {

    private final DatabaseId database;
    private final Map<String, MeasurementSchema> schemas;

    DatabaseSchemas(DatabaseId database, Map<String, MeasurementSchema> schemas) {
        this.database = database;
        this.schemas = new ConcurrentHashMap<>(schemas);
    }

    /** The database. */
    public DatabaseId database() {
        return database;
    }

    /** The schema of that measurement, or null when it has none yet. */
    public @Nullable MeasurementSchema find(String measurement) {
        return schemas.get(measurement);
    }

    /** Whether every column of the batch is known under its type. */
    boolean covers(ColumnBatch batch) {
        MeasurementSchema schema = schemas.get(batch.measurement());
        if (schema == null || (batch.timeNanos() != null && !schema.hasNanos())) {
            return false;
        }
        for (String tag : batch.series().tagNames()) {
            if (!has(schema, tag, ColumnType.TAG)) {
                return false;
            }
        }
        for (FieldColumn field : batch.fields()) {
            if (!has(schema, field.name(), field.type())) {
                return false;
            }
        }
        return true;
    }

    private static boolean has(MeasurementSchema schema, String name, ColumnType type) {
        Column column = schema.find(name);
        return column != null && column.type() == type;
    }

    /** Whether no measurement is known: the database may not exist. */
    boolean isEmpty() {
        return schemas.isEmpty();
    }

    /** Forgets one measurement, or all. */
    void forget(HotArea area) {
        schemas.keySet().removeIf(name -> area.holds(database, name));
    }

    /** Learns what another view of the same database knows. */
    void learn(DatabaseSchemas other) {
        other.schemas.forEach(this::put);
    }

    void put(String measurement, MeasurementSchema schema) {
        schemas.merge(
                measurement,
                schema,
                (old, now) -> now.columns().size() >= old.columns().size()
                        ? now.plus(List.of(), old.hasNanos())
                        : old.plus(List.of(), now.hasNanos()));
    }
}
