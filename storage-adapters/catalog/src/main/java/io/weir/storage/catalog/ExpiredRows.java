package io.weir.storage.catalog;

import io.weir.common.model.TableId;

/**
 * How much of a measurement is older than some time.
 *
 * @param table measurement
 * @param files files of which every row is
 * @param rows rows in them
 * @param bytes their size
 * @param boundaryFiles files of which some rows are and some are not
 * @param boundaryRows all rows in them
 */
public record ExpiredRows(TableId table, long files, long rows, long bytes, long boundaryFiles, long boundaryRows) {}
