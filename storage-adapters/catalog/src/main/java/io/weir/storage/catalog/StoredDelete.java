package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A delete, and how far its files are rewritten. Its rows are in no query's sight from {@code began} on.
 *
 * @param id its name
 * @param table whose rows
 * @param predicate what it deleted
 * @param matchingRows how many rows it was to delete
 * @param began when it was committed
 * @param ended when the last of its files was done, or null
 * @param files files that it applied to
 * @param pendingFiles those of them that still have the rows
 * @param failingFiles those of these that could not be rewritten when it was tried last
 * @param removedRows rows that are in no file any more
 */
public record StoredDelete(
        String id,
        TableId table,
        String predicate,
        long matchingRows,
        Instant began,
        @Nullable Instant ended,
        long files,
        long pendingFiles,
        long failingFiles,
        long removedRows) {}
