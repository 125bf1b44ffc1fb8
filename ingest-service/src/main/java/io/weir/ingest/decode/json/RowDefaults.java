package io.weir.ingest.decode.json;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What JSON rows leave unsaid.
 *
 * @param measurement measurement of rows that name none; null when every row has to
 * @param tags names that are tags in flat rows, besides those the measurement's schema knows as tags
 * @param time key of the time of flat rows
 * @param given names of tags that rows get from elsewhere, such as from a topic; a row that has one itself is bad
 */
public record RowDefaults(@Nullable String measurement, Set<String> tags, String time, Set<String> given) {

    /** Rows name their measurement, and only the schema says what is a tag. */
    public static final RowDefaults NONE = new RowDefaults(null, Set.of());

    /**
     * Checks the names.
     *
     * @throws WeirException {@code invalid-name} naming which and why
     */
    public RowDefaults {
        tags = Set.copyOf(tags);
        given = Set.copyOf(given);
        if (measurement != null) {
            require(Names.measurementFault(measurement), measurement);
        }
        for (String tag : tags) {
            boolean reserved = tag.equals(MeasurementSchema.TIME) || tag.equals(MeasurementSchema.TIME_NANOS);
            require(reserved ? "tag name \"" + tag + "\" is reserved" : Names.nameFault("tag", tag), tag);
        }
    }

    /** Defaults of rows that have all of their tags themselves, and their time under {@code time}. */
    public RowDefaults(@Nullable String measurement, Set<String> tags) {
        this(measurement, tags, MeasurementSchema.TIME, Set.of());
    }

    /**
     * The defaults that two query parameters say.
     *
     * @param measurement null or empty when there is none
     * @param tags names with commas between them; null or empty when there is none
     * @throws WeirException {@code invalid-name} naming which and why
     */
    public static RowDefaults ofParameters(@Nullable String measurement, @Nullable String tags) {
        List<String> names = tags == null || tags.isEmpty() ? List.of() : List.of(tags.split(",", -1));
        for (String name : names) {
            require(name.isEmpty() ? "tag name in \"" + Names.printable(tags + "") + "\" is empty" : null, name);
        }
        return new RowDefaults(measurement == null || measurement.isEmpty() ? null : measurement, Set.copyOf(names));
    }

    private static void require(@Nullable String fault, String name) {
        if (fault != null) {
            throw new WeirException(CommonError.INVALID_NAME, fault, Map.of("name", Names.printable(name)));
        }
    }
}
