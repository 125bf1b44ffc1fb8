package io.weir.storage.backup;

/**
 * What is to be restored.
 *
 * @param id of the backup; empty for the latest
 * @param replace whether the backup's databases lose every row that is not in the backup; no server may run
 * @param dryRun whether only to find out what would be done
 */
public record RestoreRequest(String id, boolean replace, boolean dryRun) {}
