package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.time.Instant;

/**
 * A file that is kept out of compaction, because it could not be read. Its rows stay in the catalog.
 *
 * @param objectKey its key
 * @param table measurement
 * @param since from when on
 * @param until when it is tried again
 * @param reason what was wrong with it
 */
public record QuarantinedFile(String objectKey, TableId table, Instant since, Instant until, String reason) {}
