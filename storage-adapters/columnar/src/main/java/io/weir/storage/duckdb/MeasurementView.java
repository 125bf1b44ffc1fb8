package io.weir.storage.duckdb;

import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The SQL that shows one measurement as a relation: its files by Parquet field id, so that the schema is the
 * measurement's and not a file's, and its hot rows.
 */
final class MeasurementView {

    private final MeasurementSchema schema;
    private final List<String> names;
    private final int[] shown;

    private MeasurementView(MeasurementSchema schema, Predicate<String> columns) {
        this.schema = schema;
        this.names = schema.queryNames();
        this.shown = IntStream.range(0, names.size())
                .filter(i -> columns.test(names.get(i)))
                .toArray();
    }

    /**
     * A SELECT of the measurement's rows with the columns {@code time}, {@code time_nanos} if the schema has it, and those
     * of the schema's columns that are asked for, in order, under their query names.
     *
     * @param columns which of the schema's columns it has, by query name
     * @param files absolute paths of the files
     * @param hotId id of the hot rows, or null when there are none
     */
    static String select(
            MeasurementSchema schema, Predicate<String> columns, List<String> files, @Nullable String hotId) {
        MeasurementView view = new MeasurementView(schema, columns);
        List<String> parts = new ArrayList<>();
        if (!files.isEmpty()) {
            parts.add(view.ofFiles(files));
        }
        if (hotId != null) {
            parts.add(view.ofHotRows(hotId));
        }
        return parts.isEmpty() ? view.ofNothing() : String.join(" UNION ALL ", parts);
    }

    private String ofFiles(List<String> files) {
        StringBuilder map = new StringBuilder();
        field(map, MeasurementSchema.TIME_FIELD_ID, MeasurementSchema.TIME, "TIMESTAMP WITH TIME ZONE", "NULL");
        if (schema.hasNanos()) {
            field(map, MeasurementSchema.TIME_NANOS_FIELD_ID, MeasurementSchema.TIME_NANOS, "SMALLINT", "0");
        }
        for (int i : shown) {
            String type = schema.columns().get(i).type().sqlType();
            field(map, MeasurementSchema.FIRST_FIELD_ID + i, names.get(i), type, "NULL");
        }
        return "SELECT * FROM read_parquet(" + SqlText.list(files) + ", schema = MAP {" + map + "})";
    }

    private static void field(StringBuilder map, int id, String name, String type, String fallback) {
        map.append(map.isEmpty() ? "" : ", ")
                .append(id)
                .append(": {name: ")
                .append(SqlText.literal(name))
                .append(", type: ")
                .append(SqlText.literal(type))
                .append(", default_value: ")
                .append(fallback)
                .append('}');
    }

    private String ofHotRows(String hotId) {
        List<String> columns = new ArrayList<>();
        columns.add("make_timestamptz(" + HotRowsFunction.TIME_COLUMN + ") AS \"time\"");
        if (schema.hasNanos()) {
            columns.add(HotRowsFunction.NANOS_COLUMN);
        }
        for (int i : shown) {
            columns.add(HotRowsFunction.columnName(i) + " AS " + SqlText.identifier(names.get(i)));
        }
        return "SELECT " + String.join(", ", columns) + " FROM " + HotRowsFunction.NAME + '(' + SqlText.literal(hotId)
                + ')';
    }

    private String ofNothing() {
        List<String> columns = new ArrayList<>();
        columns.add("CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS \"time\"");
        if (schema.hasNanos()) {
            columns.add("CAST(NULL AS SMALLINT) AS time_nanos");
        }
        for (int i : shown) {
            Column column = schema.columns().get(i);
            columns.add("CAST(NULL AS " + column.type().sqlType() + ") AS " + SqlText.identifier(names.get(i)));
        }
        return "SELECT " + String.join(", ", columns) + " WHERE false";
    }
}
