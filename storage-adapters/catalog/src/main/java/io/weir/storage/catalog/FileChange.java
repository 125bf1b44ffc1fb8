package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replaces, removes or adds files of one measurement, all at once.
 *
 * @param id unique name of the change, at most 64 characters; applying it twice is the same as once
 * @param table measurement
 * @param added files that are visible from then on
 * @param removed keys of files that are not; each must be there, and is never to be removed from the store by whoever made the change
 * @param lease what must still be held when the change is applied, or null
 */
public record FileChange(
        String id,
        TableId table,
        List<DataFile> added,
        List<String> removed,
        @Nullable Lease lease) {

    public FileChange {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        if (removed.stream().distinct().count() != removed.size()) {
            throw new IllegalArgumentException("change " + id + " removes a file twice (expected: each key once)");
        }
    }
}
