package io.weir.common.hot;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import org.jspecify.annotations.Nullable;

/**
 * A measurement, or all of a database.
 *
 * @param database the database
 * @param measurement its measurement, or null for all of them, and those to come
 */
public record HotArea(DatabaseId database, @Nullable String measurement) {

    /** One measurement. */
    public static HotArea of(TableId table) {
        return new HotArea(table.databaseId(), table.measurement());
    }

    /** Whether that measurement is in it. */
    public boolean holds(DatabaseId itsDatabase, String itsName) {
        return database.equals(itsDatabase) && (measurement == null || measurement.equals(itsName));
    }

    @Override
    public String toString() {
        return measurement == null ? database.toString() : database + "/" + measurement;
    }
}
