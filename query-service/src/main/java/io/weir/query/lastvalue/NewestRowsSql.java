package io.weir.query.lastvalue;

import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.duckdb.SqlText;
import java.util.ArrayList;
import java.util.List;

/** The SQL that picks, out of a view of a measurement, what {@link NewestRows} picks out of batches. */
final class NewestRowsSql {

    static final String VIEW = "__weir_newest_source";
    private static final String TIMES = "__weir_newest_times";

    private NewestRowsSql() {}

    /** A statement over {@link #VIEW}; its columns are those of the view. */
    static String of(MeasurementSchema schema) {
        List<String> names = schema.queryNames();
        List<String> times = new ArrayList<>();
        List<String> joins = new ArrayList<>();
        List<String> kept = new ArrayList<>();
        times.add("max(s.\"time\") AS t");
        kept.add("s.\"time\" = n.t");
        for (int i = 0; i < names.size(); i++) {
            String column = "s." + SqlText.identifier(names.get(i));
            if (schema.columns().get(i).type() == ColumnType.TAG) {
                times.add(column + " AS k" + i);
                joins.add(column + " IS NOT DISTINCT FROM n.k" + i);
            } else {
                times.add("max(s.\"time\") FILTER (" + column + " IS NOT NULL) AS t" + i);
                kept.add("(s.\"time\" = n.t" + i + " AND " + column + " IS NOT NULL)");
            }
        }
        String join = joins.isEmpty() ? " CROSS JOIN " : " JOIN ";
        String on = joins.isEmpty() ? "" : " ON " + String.join(" AND ", joins);
        return "WITH " + TIMES + " AS (SELECT " + String.join(", ", times) + " FROM " + VIEW + " s GROUP BY ALL)"
                + " SELECT s.* FROM " + VIEW + " s" + join + TIMES + " n" + on + " WHERE " + String.join(" OR ", kept);
    }
}
