package io.weir.storage.duckdb;

import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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
     * @param files files, and which of their rows are deleted
     * @param hotId id of the hot rows, or null when there are none
     */
    static String select(
            MeasurementSchema schema, Predicate<String> columns, List<FileRows> files, @Nullable String hotId) {
        MeasurementView view = new MeasurementView(schema, columns);
        List<String> parts = new ArrayList<>();
        for (FileRows some : files) {
            parts.add(some.deleted().isEmpty() ? view.ofFiles(some.paths()) : view.ofKeptRows(some));
        }
        if (hotId != null) {
            parts.add(view.ofHotRows(hotId));
        }
        return parts.isEmpty() ? view.ofNothing() : String.join(" UNION ALL ", parts);
    }

    /**
     * A SELECT of the numbers of those rows of one file, in its order, for which a predicate is true.
     *
     * @param columns which of the schema's columns predicates can mean, by query name
     */
    static String deletedRows(
            MeasurementSchema schema, Predicate<String> columns, String file, List<String> predicates) {
        return "SELECT file_row_number FROM ("
                + new MeasurementView(schema, columns).ofFiles(List.of(file), ", file_row_number = true") + ") WHERE "
                + anyOf(predicates);
    }

    /**
     * A SELECT of one row: for how many rows of one file a predicate is true, of those that are not deleted.
     *
     * @param deleted predicates of the rows that are
     */
    static String countRows(MeasurementSchema schema, String file, String predicate, List<String> deleted) {
        return "SELECT count(*) FROM (" + new MeasurementView(schema, column -> true).ofFiles(List.of(file))
                + ") WHERE " + anyOf(List.of(predicate)) + (deleted.isEmpty() ? "" : " AND NOT " + anyOf(deleted));
    }

    /** A SELECT of one row: whether every one of those times, in UTC microseconds, fits a predicate. */
    static String allDeleted(List<Long> timesMicros, List<String> predicates) {
        String times = timesMicros.stream()
                .map(time -> "(make_timestamptz(" + time + "))")
                .collect(Collectors.joining(", "));
        return "SELECT CAST(bool_and(" + anyOf(predicates) + ") AS BIGINT) FROM (VALUES " + times + ") t(\"time\")";
    }

    /** An error in a predicate means that it is not true, so that no row that came later can make a measurement unreadable. */
    private static String anyOf(List<String> predicates) {
        return predicates.stream()
                .map(predicate -> "(TRY((" + predicate + ")) IS TRUE)")
                .collect(Collectors.joining(" OR ", "(", ")"));
    }

    /** Predicates see all columns, whatever is shown. */
    private String ofKeptRows(FileRows files) {
        List<String> columns = new ArrayList<>();
        columns.add("\"time\"");
        if (schema.hasNanos()) {
            columns.add(MeasurementSchema.TIME_NANOS);
        }
        for (int i : shown) {
            columns.add(SqlText.identifier(names.get(i)));
        }
        return "SELECT " + String.join(", ", columns) + " FROM ("
                + new MeasurementView(schema, column -> true).ofFiles(files.paths()) + ") WHERE NOT "
                + anyOf(files.deleted());
    }

    /** Of such a SELECT only the rows of those times. */
    static String within(TimeRange times, String select) {
        return times.equals(TimeRange.ALL)
                ? select
                : "SELECT * FROM (" + select + ") WHERE \"time\" >= make_timestamptz(" + times.fromMicros()
                        + ") AND \"time\" <= make_timestamptz(" + times.toMicros() + ")";
    }

    private String ofFiles(List<String> files) {
        return ofFiles(files, "");
    }

    private String ofFiles(List<String> files, String options) {
        StringBuilder map = new StringBuilder();
        field(map, MeasurementSchema.TIME_FIELD_ID, MeasurementSchema.TIME, "TIMESTAMP WITH TIME ZONE", "NULL");
        if (schema.hasNanos()) {
            field(map, MeasurementSchema.TIME_NANOS_FIELD_ID, MeasurementSchema.TIME_NANOS, "SMALLINT", "0");
        }
        for (int i : shown) {
            String type = schema.columns().get(i).type().sqlType();
            field(map, MeasurementSchema.FIRST_FIELD_ID + i, names.get(i), type, "NULL");
        }
        return "SELECT * FROM read_parquet(" + SqlText.list(files) + ", schema = MAP {" + map + "}" + options + ")";
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
