package io.weir.query.delete;

import io.weir.common.model.TableId;
import io.weir.storage.catalog.StoredDelete;
import org.jspecify.annotations.Nullable;

/**
 * What a delete does, or would do.
 *
 * @param table the measurement
 * @param predicate the condition as it is applied, clocks replaced by their times
 * @param rows rows it was true for
 * @param totalRows rows of the measurement, those included that are deleted and still in files
 * @param files files that may hold such rows
 * @param stored the delete; null when nothing was deleted
 */
public record DeleteAnswer(
        TableId table,
        String predicate,
        long rows,
        long totalRows,
        int files,
        @Nullable StoredDelete stored) {}
