package io.weir.ingest.decode;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the columns of a CSV file are.
 *
 * @param measurement measurement its rows go to
 * @param columns names of the header row, in file order
 * @param timeColumn position of the column that holds the time
 * @param tags positions of the columns that are tags
 * @param delimiter byte between values
 */
public record CsvLayout(String measurement, List<String> columns, int timeColumn, Set<Integer> tags, byte delimiter) {

    public CsvLayout {
        columns = List.copyOf(columns);
        tags = Set.copyOf(tags);
    }

    /** Length of a layout's header row: position after its newline. Meaningful for the bytes {@link #of} was made from. */
    public static int headerBytes(byte[] buffer, int length, byte delimiter) {
        return new CsvRow(delimiter).read(buffer, skipMark(buffer, length), length);
    }

    /**
     * Reads the header row that {@code buffer[0, length)} begins with.
     *
     * @param timeColumn name of the column that holds the time
     * @param tagNames names of the columns that are tags
     * @throws WeirException {@code invalid-request} when there is no usable header row
     */
    public static CsvLayout of(
            byte[] buffer, int length, String measurement, String timeColumn, Set<String> tagNames, byte delimiter) {
        CsvRow row = new CsvRow(delimiter);
        int start = skipMark(buffer, length);
        row.read(buffer, start, length);
        if (row.fault() != null || length == start) {
            throw invalid("the file does not begin with a header row (expected: the names of its columns)");
        }
        if (row.fields() > DecodeLimits.DEFAULT.maxColumns()) {
            throw invalid("the header row names " + row.fields() + " columns (expected: at most "
                    + DecodeLimits.DEFAULT.maxColumns() + ")");
        }
        List<String> columns = new ArrayList<>();
        Set<Integer> tags = new HashSet<>();
        int time = -1;
        for (int i = 0; i < row.fields(); i++) {
            String name = row.text(buffer, i);
            if (name.indexOf('\ufffd') >= 0) {
                throw invalid("the name of column " + (i + 1) + " is not UTF-8 (expected: well-formed UTF-8)");
            }
            if (name.equals(timeColumn) && time < 0) {
                time = i;
            } else {
                requireName(name, i, columns);
            }
            if (tagNames.contains(name)) {
                tags.add(i);
            }
            columns.add(name);
        }
        if (time < 0) {
            throw invalid("there is no column \"" + Names.printable(timeColumn) + "\" in the header row (expected:"
                    + " time, or the name that time_column gives)");
        }
        for (String tag : tagNames) {
            if (!columns.contains(tag) || tag.equals(timeColumn)) {
                throw invalid("tag \"" + Names.printable(tag) + "\" is not a column of the file (expected: names of the"
                        + " header row)");
            }
        }
        if (tags.size() + 1 == columns.size()) {
            throw invalid("every column is a tag (expected: at least one field besides time and tags)");
        }
        return new CsvLayout(measurement, columns, time, tags, delimiter);
    }

    private static void requireName(String name, int position, List<String> before) {
        if (name.equals(MeasurementSchema.TIME) || name.equals(MeasurementSchema.TIME_NANOS)) {
            throw invalid(
                    "column name \"" + name + "\" is reserved (expected: another name, or time_column=" + name + ")");
        }
        if (name.isEmpty() || before.contains(name)) {
            throw invalid("column " + (position + 1) + " has "
                    + (name.isEmpty()
                            ? "no name"
                            : "the name of an earlier" + " one, \"" + Names.printable(name) + "\"")
                    + " (expected: a name of its own)");
        }
        String fault = Names.nameFault("column", name);
        if (fault != null) {
            throw invalid(fault);
        }
    }

    /** A UTF-8 byte order mark says nothing. */
    private static int skipMark(byte[] buffer, int length) {
        boolean mark = length >= 3 && buffer[0] == (byte) 0xef && buffer[1] == (byte) 0xbb && buffer[2] == (byte) 0xbf;
        return mark ? 3 : 0;
    }

    private static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail, Map.of("format", "csv"));
    }
}
