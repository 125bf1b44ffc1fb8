package io.weir.storage.catalog;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.schema.MeasurementSchema;
import java.util.Optional;

/** Something the catalog knows that describes data. */
public sealed interface CatalogRow {

    /** An organisation and its limits. */
    record OfOrganisation(Organisation organisation) implements CatalogRow {}

    /** A database. */
    record OfDatabase(DatabaseId database) implements CatalogRow {}

    /**
     * A measurement.
     *
     * @param number names it among the rows it came with, in {@link OfFile}
     * @param table its name
     * @param schema its columns, at their positions
     * @param dedup what was said of rows of one series and time, if anything was
     */
    record OfMeasurement(long number, TableId table, MeasurementSchema schema, Optional<Dedup> dedup)
            implements CatalogRow {}

    /**
     * A file.
     *
     * @param measurement number of its measurement
     * @param file the file
     */
    record OfFile(long measurement, DataFile file) implements CatalogRow {}
}
