package io.weir.query.lastvalue;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.query.plan.EngineNames;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What names of a statement mean in one measurement. Before its schema is known, any name but {@code time} may be a tag.
 *
 * @param tags keys of the tags; null before they are known
 * @param others keys of the other columns
 */
record Columns(@Nullable Set<String> tags, Set<String> others) {

    static final String TIME = "time";

    /** Those of a measurement nobody looked at yet. */
    static final Columns UNKNOWN = new Columns(null, Set.of());

    static Columns of(MeasurementSchema schema) {
        Set<String> tags = new HashSet<>();
        Set<String> others = new HashSet<>(Set.of(TIME, MeasurementSchema.TIME_NANOS));
        List<String> names = schema.queryNames();
        for (int i = 0; i < names.size(); i++) {
            Column column = schema.columns().get(i);
            (column.type() == ColumnType.TAG ? tags : others).add(EngineNames.key(names.get(i)));
        }
        return new Columns(tags, others);
    }

    boolean isTag(String key) {
        return tags == null ? !key.equals(TIME) : tags.contains(key);
    }

    /** Whether that name is a column, and no tag. */
    boolean isOther(String key) {
        return tags == null ? key.equals(TIME) : others.contains(key);
    }
}
