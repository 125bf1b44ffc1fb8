package io.weir.ingest.rewrite;

import io.weir.storage.catalog.DataFile;
import org.jspecify.annotations.Nullable;

/**
 * What became of a file.
 *
 * @param removedRows rows that went
 * @param file the file that has the others: the same one when none went, null when all did
 */
public record RewriteOutcome(long removedRows, @Nullable DataFile file) {}
