package io.weir.storage.catalog;

import io.weir.common.schema.MeasurementSchema;

/**
 * A measurement and its columns.
 *
 * @param measurement name
 * @param schema columns
 */
public record TableSchema(String measurement, MeasurementSchema schema) {}
