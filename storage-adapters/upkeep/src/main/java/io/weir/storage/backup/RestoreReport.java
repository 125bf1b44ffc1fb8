package io.weir.storage.backup;

import io.weir.storage.catalog.Restored;
import java.time.Instant;

/**
 * What was restored, or would be.
 *
 * @param id of the backup
 * @param created when the backup was begun
 * @param contents how much the backup has
 * @param restored what became of it
 */
public record RestoreReport(String id, Instant created, BackupContents contents, Restored restored) {}
