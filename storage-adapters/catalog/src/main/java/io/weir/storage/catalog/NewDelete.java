package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;

/**
 * A delete to be committed.
 *
 * @param id unique name, at most 64 characters; committing it twice is the same as once
 * @param table whose rows
 * @param predicate SQL over the measurement's columns, the same whenever it is asked; rows for which it is true are deleted
 * @param wholeTimes whether it is true for every row between two rows, in time, for which it is true
 * @param times times of all rows for which it can be true
 * @param matchingRows how many rows it was true for when it was asked last
 */
public record NewDelete(
        String id, TableId table, String predicate, boolean wholeTimes, TimeRange times, long matchingRows) {}
