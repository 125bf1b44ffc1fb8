package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** What one pass over a MessagePack request does with its items. The cursor may be left anywhere. */
interface PackedVisitor {

    /** Name of the time column in columnar form. */
    byte[] TIME = "time".getBytes(US_ASCII);

    /** Many rows of a measurement, column by column. */
    void columns(PackedItem item, PackedMeasurement measurement);

    /** One row of a measurement. */
    void row(PackedItem item, PackedMeasurement measurement);
}
