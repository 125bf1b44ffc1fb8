package io.weir.query.snapshot;

import io.weir.common.hot.HotScope;
import io.weir.common.model.TimeRange;
import io.weir.common.stats.TagFilter;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a query wants of a measurement.
 *
 * @param range times it asks for; rows of other times may come too
 * @param tags what it says of tags; rows of others may come too
 * @param freshness how new the rows are
 * @param columns names it can mean columns by, A to Z in lower case; null for every column. Others may come too
 */
public record Reading(
        TimeRange range,
        TagFilter tags,
        Freshness freshness,
        @Nullable Set<String> columns) {

    /** What a query wants that says nothing of tags. */
    public Reading(TimeRange range, Freshness freshness, @Nullable Set<String> columns) {
        this(range, TagFilter.ANY, freshness, columns);
    }

    /** What can be needed of its hot rows. */
    HotScope scope() {
        return new HotScope(range, columns);
    }

    /** The same, where only the number of rows and their times count. */
    public static Reading ofTimes(TimeRange range, Freshness freshness) {
        return new Reading(range, freshness, Set.of());
    }
}
