package io.weir.ingest.decode.arrow;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of its Arrow stream beside it.
 *
 * @param measurement measurement of all rows
 * @param tags names of columns of text that are tags; dictionary columns are tags anyway
 * @param maxBytes most bytes of metadata, buffers inflated, and text that views refer to, over the whole stream
 */
public record ArrowParameters(String measurement, Set<String> tags, long maxBytes) {

    /** Copies the set, checks the name. Fails with {@code invalid-name}. */
    public ArrowParameters {
        tags = Set.copyOf(tags);
        String fault = Names.measurementFault(measurement);
        if (fault != null) {
            throw new WeirException(CommonError.INVALID_NAME, fault, Map.of("name", Names.printable(measurement)));
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes is " + maxBytes + " (expected: at least 1)");
        }
    }

    /**
     * The parameters {@code measurement} and {@code tags} (names separated by commas, may be absent) of a request. Fails
     * with {@code invalid-request} when there is no measurement, {@code invalid-name} when it cannot be one.
     */
    public static ArrowParameters of(@Nullable String measurement, @Nullable String tags, long maxBytes) {
        if (measurement == null || measurement.isEmpty()) {
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    "parameter \"measurement\" is missing (expected: the measurement of all rows)",
                    Map.of("parameter", "measurement"));
        }
        Set<String> names = new LinkedHashSet<>();
        if (tags != null) {
            for (String name : tags.split(",")) {
                if (!name.isBlank()) {
                    names.add(name.strip());
                }
            }
        }
        return new ArrowParameters(measurement, names, maxBytes);
    }
}
