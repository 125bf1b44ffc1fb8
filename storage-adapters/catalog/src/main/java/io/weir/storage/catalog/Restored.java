package io.weir.storage.catalog;

/**
 * What a restoration did.
 *
 * @param databases databases that were made
 * @param measurements measurements that were made
 * @param files files that were added
 * @param rows rows of these
 * @param filesThere files that were there already
 * @param rowsThere rows of these
 * @param filesRemoved files that were replaced
 * @param rowsRemoved rows of these
 */
public record Restored(
        long databases,
        long measurements,
        long files,
        long rows,
        long filesThere,
        long rowsThere,
        long filesRemoved,
        long rowsRemoved) {}
