package io.weir.common.model;

/**
 * One database of one organisation.
 *
 * @param organisation owner
 * @param database database name
 */
public record DatabaseId(String organisation, String database) {

    /** The measurement of that name in this database. */
    public TableId table(String measurement) {
        return new TableId(organisation, database, measurement);
    }

    @Override
    public String toString() {
        return organisation + "/" + database;
    }
}
