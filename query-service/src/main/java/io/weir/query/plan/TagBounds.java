package io.weir.query.plan;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.common.stats.FileTags;
import io.weir.common.stats.TagFilter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a statement says of tags, by measurement. Immutable. */
public final class TagBounds {

    private final Map<String, TagPredicate> byName;

    TagBounds(Map<String, TagPredicate> byName) {
        this.byName = Map.copyOf(byName);
    }

    /** What the statement says of the tags of that measurement, wherever it names it. */
    public TagFilter filter(String measurement, QueryParameters parameters) {
        TagPredicate predicate = byName.getOrDefault(EngineNames.key(measurement), TagPredicate.ANYTHING);
        return predicate == TagPredicate.ANYTHING ? TagFilter.ANY : schema -> over(schema, predicate, parameters);
    }

    private static @Nullable Predicate<FileTags> over(
            MeasurementSchema schema, TagPredicate predicate, QueryParameters parameters) {
        Map<String, String> tags = tags(schema);
        TagPredicate known = predicate.of(tags.keySet());
        return known == TagPredicate.ANYTHING
                ? null
                : file -> known.mayMatch(new TagPredicate.Facts(file, tags, parameters));
    }

    /** The tags of a measurement by the key of the name that a statement has for them. */
    private static Map<String, String> tags(MeasurementSchema schema) {
        Map<String, String> tags = new HashMap<>();
        List<String> names = schema.queryNames();
        for (int i = 0; i < names.size(); i++) {
            Column column = schema.columns().get(i);
            if (column.type() == ColumnType.TAG) {
                tags.put(EngineNames.key(names.get(i)), column.name());
            }
        }
        return tags;
    }
}
