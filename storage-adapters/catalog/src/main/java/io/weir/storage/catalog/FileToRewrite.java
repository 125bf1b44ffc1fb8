package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A file with rows that are deleted.
 *
 * @param table its measurement
 * @param schema columns of the measurement
 * @param file the file
 * @param deletes every delete that applies to it and is not applied, at least one, oldest first
 * @param failures how often in a row rewriting it failed
 */
public record FileToRewrite(
        TableId table, MeasurementSchema schema, DataFile file, List<Applied> deletes, int failures) {

    /**
     * One delete of a file.
     *
     * @param id its name
     * @param predicate which rows
     * @param wholeTimes as of {@link NewDelete}
     */
    public record Applied(String id, String predicate, boolean wholeTimes) {}

    public FileToRewrite {
        deletes = List.copyOf(deletes);
    }

    /** Names of its deletes. */
    public Set<String> deleteIds() {
        return deletes.stream().map(Applied::id).collect(Collectors.toUnmodifiableSet());
    }

    /** Their predicates. */
    public List<String> predicates() {
        return deletes.stream().map(Applied::predicate).toList();
    }
}
