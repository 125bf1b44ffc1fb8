package io.weir.ingest.decode;

import io.weir.common.schema.MeasurementSchema;
import org.jspecify.annotations.Nullable;

/** What a decoder knows of the database it decodes for. Called once a measurement and request; must not block. */
@FunctionalInterface
public interface SchemaLookup {

    /** A database without measurements. */
    SchemaLookup NONE = measurement -> null;

    /** The columns of that measurement so far, or null when it does not exist. */
    @Nullable
    MeasurementSchema find(String measurement);
}
