package io.weir.ingest.rewrite;

import io.weir.common.model.TableId;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.FileToRewrite;
import io.weir.storage.catalog.Lease;
import java.util.List;
import java.util.Set;

/**
 * A file that is to lose rows.
 *
 * @param table its measurement
 * @param schema columns of the measurement
 * @param file the file
 * @param predicates SQL over the measurement's columns; rows for which one of them is true go
 * @param wholeTimes those of the predicates that are true for every row between two rows, in time, for which they are
 * @param deletes names of the deletes that this applies; none when the rows go for another reason
 * @param lease what must be held when the catalog is changed
 */
public record RewriteRequest(
        TableId table,
        MeasurementSchema schema,
        DataFile file,
        List<String> predicates,
        List<String> wholeTimes,
        Set<String> deletes,
        Lease lease) {

    public RewriteRequest {
        predicates = List.copyOf(predicates);
        wholeTimes = List.copyOf(wholeTimes);
        deletes = Set.copyOf(deletes);
    }

    /** What the deletes of a file ask for. */
    static RewriteRequest of(FileToRewrite file, Lease lease) {
        return new RewriteRequest(
                file.table(),
                file.schema(),
                file.file(),
                file.predicates(),
                file.deletes().stream()
                        .filter(FileToRewrite.Applied::wholeTimes)
                        .map(FileToRewrite.Applied::predicate)
                        .toList(),
                file.deleteIds(),
                lease);
    }
}
