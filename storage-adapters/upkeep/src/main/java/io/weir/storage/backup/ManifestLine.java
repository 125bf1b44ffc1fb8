package io.weir.storage.backup;

import io.weir.storage.catalog.CatalogRow;
import io.weir.storage.object.Checksum;
import java.time.Instant;
import java.util.Set;

/** A line of a manifest. */
sealed interface ManifestLine {

    /**
     * The first one.
     *
     * @param id of the backup
     * @param created when it was begun
     * @param origins names of the catalogs whose files it has
     */
    record Header(String id, Instant created, Set<String> origins) implements ManifestLine {}

    /** An organisation, a database or a measurement. */
    record OfRow(CatalogRow row) implements ManifestLine {}

    /** A file, and the checksum of its content. */
    record OfFile(CatalogRow.OfFile row, Checksum checksum) implements ManifestLine {}

    /**
     * The last one.
     *
     * @param contents what the lines before say in all
     * @param checksum CRC-32C of the lines before, each with its newline
     */
    record End(BackupContents contents, Checksum checksum) implements ManifestLine {}
}
