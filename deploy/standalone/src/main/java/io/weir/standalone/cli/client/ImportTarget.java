package io.weir.standalone.cli.client;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a file is to be read and where its rows go. Empty texts stand for what the server takes by itself.
 *
 * @param format what the file is
 * @param database database
 * @param measurement where the rows go; empty for line protocol
 * @param precision unit of integer times
 * @param timeColumn name of the column that holds the time
 * @param tags names of the columns that are tags, separated by commas
 * @param delimiter character between values
 * @param allOrNothing whether the first bad row ends the import
 */
public record ImportTarget(
        ImportFormat format,
        String database,
        String measurement,
        String precision,
        String timeColumn,
        String tags,
        String delimiter,
        boolean allOrNothing) {

    /** Path of the route that takes such files. */
    String path() {
        return ImportClient.ROUTE + "/" + format;
    }

    Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("db", database);
        parameters.put("measurement", measurement);
        parameters.put("precision", precision);
        parameters.put("time_column", timeColumn);
        parameters.put("tags", tags);
        parameters.put("delimiter", delimiter);
        parameters.put("accept_partial", allOrNothing ? "false" : "");
        return parameters;
    }
}
