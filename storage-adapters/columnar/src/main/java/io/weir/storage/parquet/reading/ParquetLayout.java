package io.weir.storage.parquet.reading;

import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * What the columns of a file are.
 *
 * @param columns all columns, in file order
 */
record ParquetLayout(List<ParquetColumn> columns) {

    private static final String EXPECTED_TYPES =
            " (expected: an integer, float, double, boolean or a string marked as UTF-8)";

    ParquetLayout {
        columns = List.copyOf(columns);
    }

    /** @throws WeirException {@code invalid-request} when rows cannot be made of these columns */
    static ParquetLayout of(MessageType schema, ParquetRowsOptions options) {
        if (schema.getFieldCount() > options.maxColumns()) {
            throw RefusedFile.because("the file has " + schema.getFieldCount() + " columns (expected: at most "
                    + options.maxColumns() + ")");
        }
        requireNames(schema, options);
        long unit = timeUnit(schema, options.timeColumn());
        List<ParquetColumn> columns = new ArrayList<>();
        int fields = 0;
        for (Type type : schema.getFields()) {
            ParquetColumn column = column(schema, type, options, unit);
            fields += column.role() == ParquetColumn.Role.VALUE && column.type() != ColumnType.TAG ? 1 : 0;
            columns.add(column);
        }
        if (fields == 0) {
            throw RefusedFile.because("the file has no column besides time and tags (expected: at least one field)");
        }
        return new ParquetLayout(columns);
    }

    private static void requireNames(MessageType schema, ParquetRowsOptions options) {
        Set<String> names = new HashSet<>();
        for (Type type : schema.getFields()) {
            String fault = type.getName().isEmpty() ? "a column has no name" : null;
            fault = fault == null ? Names.nameFault("column", type.getName()) : fault;
            if (fault == null && !names.add(type.getName())) {
                fault = "two columns have the name \"" + Names.printable(type.getName())
                        + "\" (expected: each a name of its own)";
            }
            if (fault != null) {
                throw RefusedFile.because(fault);
            }
        }
        for (String tag : options.tags()) {
            if (!names.contains(tag) || tag.equals(options.timeColumn())) {
                throw RefusedFile.because("tag \"" + Names.printable(tag)
                        + "\" is not a column of the file (expected: names of its columns besides the time)");
            }
        }
    }

    private static long timeUnit(MessageType schema, String timeColumn) {
        if (!schema.containsField(timeColumn)) {
            throw RefusedFile.because("there is no column \"" + Names.printable(timeColumn)
                    + "\" in the file (expected: time, or the name that time_column gives)");
        }
        Type type = schema.getType(timeColumn);
        long unit = ParquetTypes.timeUnit(type);
        if (unit == ParquetTypes.NO_TIME) {
            throw RefusedFile.because("time column \"" + Names.printable(timeColumn) + "\" is "
                    + ParquetTypes.noun(type) + " (expected: a TIMESTAMP, a DATE or a signed integer)");
        }
        return unit;
    }

    private static ParquetColumn column(MessageType schema, Type type, ParquetRowsOptions options, long unit) {
        String name = type.getName();
        if (name.equals(options.timeColumn())) {
            return of(schema, type, ParquetColumn.Role.TIME, ColumnType.INT64, unit);
        }
        if (name.equals(MeasurementSchema.TIME_NANOS) && unit == 1_000 && ParquetTypes.isNanos(type)) {
            return of(schema, type, ParquetColumn.Role.NANOS, ColumnType.INT64, 0);
        }
        if (name.equals(MeasurementSchema.TIME) || name.equals(MeasurementSchema.TIME_NANOS)) {
            throw RefusedFile.because(
                    "column name \"" + name + "\" is reserved (expected: another name, or time_column=" + name + ")");
        }
        ColumnType found = ParquetTypes.of(type);
        if (found == null) {
            throw RefusedFile.because(
                    "column \"" + Names.printable(name) + "\" is " + ParquetTypes.noun(type) + EXPECTED_TYPES);
        }
        if (options.tags().contains(name)) {
            if (found != ColumnType.STRING) {
                throw RefusedFile.because("column \"" + Names.printable(name) + "\" is " + ParquetTypes.noun(type)
                        + " and named in tags (expected: a tag is a string marked as UTF-8)");
            }
            found = ColumnType.TAG;
        }
        return of(schema, type, ParquetColumn.Role.VALUE, found, 0);
    }

    private static ParquetColumn of(
            MessageType schema, Type type, ParquetColumn.Role role, ColumnType found, long unit) {
        return new ParquetColumn(schema.getColumnDescription(new String[] {type.getName()}), role, found, unit);
    }

    /** Tags and fields, in file order. */
    List<Column> values() {
        return columns.stream()
                .filter(column -> column.role() == ParquetColumn.Role.VALUE)
                .map(column -> new Column(column.name(), column.type()))
                .toList();
    }
}
