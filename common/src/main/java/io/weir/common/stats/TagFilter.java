package io.weir.common.stats;

import io.weir.common.schema.MeasurementSchema;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a query says of the tags of the rows it asks for, before it is known which columns of its measurement are tags. */
@FunctionalInterface
public interface TagFilter {

    /** Says nothing. */
    TagFilter ANY = schema -> null;

    /**
     * Tells the files of a measurement of that schema that may have a row the query asks for; null when every file may, so that nothing
     * needs to be known of them.
     */
    @Nullable
    Predicate<FileTags> over(MeasurementSchema schema);
}
