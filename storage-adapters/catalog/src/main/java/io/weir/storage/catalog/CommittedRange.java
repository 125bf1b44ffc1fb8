package io.weir.storage.catalog;

import io.weir.common.model.TableId;

/**
 * Batches of one measurement that are in files, so that replay must skip them.
 *
 * @param table measurement
 * @param firstSequence first sequence of the log in the range
 * @param lastSequence last one, inclusive
 */
public record CommittedRange(TableId table, long firstSequence, long lastSequence) {}
