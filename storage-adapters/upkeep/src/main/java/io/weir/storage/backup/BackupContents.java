package io.weir.storage.backup;

import io.weir.storage.catalog.CatalogRow;

/**
 * How much a backup has.
 *
 * @param databases databases
 * @param measurements measurements
 * @param files files
 * @param rows rows of all files
 * @param bytes lengths of all files
 */
public record BackupContents(long databases, long measurements, long files, long rows, long bytes) {

    /** Nothing. */
    static final BackupContents NONE = new BackupContents(0, 0, 0, 0, 0);

    /** This, and that. */
    BackupContents and(CatalogRow row) {
        if (row instanceof CatalogRow.OfFile file) {
            return new BackupContents(
                    databases,
                    measurements,
                    files + 1,
                    rows + file.file().rows(),
                    bytes + file.file().sizeBytes());
        }
        return new BackupContents(
                databases + (row instanceof CatalogRow.OfDatabase ? 1 : 0),
                measurements + (row instanceof CatalogRow.OfMeasurement ? 1 : 0),
                files,
                rows,
                bytes);
    }
}
