package io.weir.ingest.imports;

import io.weir.common.model.DatabaseId;
import io.weir.ingest.decode.Precision;
import java.util.Set;

/**
 * What a file holds and where its rows go.
 *
 * @param format what the file is
 * @param organisation owner
 * @param database database its rows go to
 * @param measurement measurement they go to; empty for line protocol, which says itself
 * @param precision unit of integer times
 * @param timeColumn name of the column that holds the time
 * @param tags names of the columns that are tags
 * @param delimiter byte between values
 * @param acceptPartial whether bad rows are left out; otherwise the first one ends the import
 */
record ImportRequest(
        ImportFormat format,
        String organisation,
        String database,
        String measurement,
        Precision precision,
        String timeColumn,
        Set<String> tags,
        byte delimiter,
        boolean acceptPartial) {

    ImportRequest {
        tags = Set.copyOf(tags);
    }

    DatabaseId databaseId() {
        return new DatabaseId(organisation, database);
    }
}
