package io.weir.common.model;

/**
 * One measurement of one database of one organisation: the unit of schema, buffering, files and snapshots. Names are
 * already valid when a {@code TableId} is made.
 *
 * @param organisation owner; no row, file or cache entry crosses it
 * @param database database name
 * @param measurement measurement name, any case; two names that differ in case are two measurements
 */
public record TableId(String organisation, String database, String measurement) {

    /** The database this measurement belongs to. */
    public DatabaseId databaseId() {
        return new DatabaseId(organisation, database);
    }

    @Override
    public String toString() {
        return organisation + "/" + database + "/" + measurement;
    }
}
