package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import io.weir.common.schema.MeasurementSchema;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The schemas of the measurements read last, so that reading one again need not fetch its columns. Whoever uses one checks that it is
 * the schema still: a row's id is never used again, and columns are only ever added, so their number tells. The one used longest ago is
 * forgotten first, so that all together have {@value #MOST_COLUMNS} columns at most. Thread-safe.
 */
final class KnownSchemas {

    private static final int MOST_COLUMNS = 100_000;

    private final Map<TableId, Known> schemas = new LinkedHashMap<>(16, 0.75f, true);
    private int columns;

    /**
     * A measurement's row and its columns.
     *
     * @param id of the row
     */
    record Known(long id, MeasurementSchema schema) {

        private int weight() {
            return 1 + schema.columns().size();
        }
    }

    /** What is known of that measurement, or null. */
    synchronized @Nullable Known find(TableId table) {
        return schemas.get(table);
    }

    /** Remembers a measurement. */
    synchronized void keep(TableId table, long id, MeasurementSchema schema) {
        Known known = new Known(id, schema);
        Known before = schemas.put(table, known);
        columns += known.weight() - (before == null ? 0 : before.weight());
        var oldest = schemas.values().iterator();
        while (columns > MOST_COLUMNS && oldest.hasNext()) {
            columns -= oldest.next().weight();
            oldest.remove();
        }
    }

    /** Forgets a measurement. */
    synchronized void forget(TableId table) {
        Known before = schemas.remove(table);
        columns -= before == null ? 0 : before.weight();
    }
}
