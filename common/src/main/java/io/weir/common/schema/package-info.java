/** Owns the shape of a measurement: its columns and their types. Start at {@link io.weir.common.schema.MeasurementSchema}. */
@NullMarked
package io.weir.common.schema;

import org.jspecify.annotations.NullMarked;
