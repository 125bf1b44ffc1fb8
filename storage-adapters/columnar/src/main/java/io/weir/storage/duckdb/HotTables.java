package io.weir.storage.duckdb;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.MeasurementSchema;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The hot rows registered by running queries, under ids nobody can guess, so that a statement can read only what its own
 * session registered. Thread-safe. Whoever adds removes.
 */
final class HotTables {

    private static final int ID_BYTES = 16;

    private final SecureRandom random = new SecureRandom();
    private final Map<String, HotTable> tables = new ConcurrentHashMap<>();

    /** Registers rows and returns their id. */
    String add(MeasurementSchema schema, List<ColumnBatch> batches) {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        String id = HexFormat.of().formatHex(bytes);
        tables.put(id, new HotTable(schema, batches));
        return id;
    }

    /** The rows under that id, or null. */
    @Nullable
    HotTable find(String id) {
        return tables.get(id);
    }

    void remove(String id) {
        tables.remove(id);
    }

    /** How many are registered now. */
    int size() {
        return tables.size();
    }
}
