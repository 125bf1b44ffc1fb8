package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Replaces, removes or adds files of one measurement, all at once.
 *
 * @param id unique name of the change, at most 64 characters; applying it twice is the same as once
 * @param table measurement
 * @param added files that are visible from then on
 * @param removed keys of files that are not; each must be there, and is never to be removed from the store by whoever made the change
 * @param lease what must still be held when the change is applied, or null
 * @param deletes deletes whose rows the added files do not have any more. A change that adds files in the place of others applies
 *     all that those have, and is refused as {@code commit-conflict} when there is another by then
 */
public record FileChange(
        String id,
        TableId table,
        List<DataFile> added,
        List<String> removed,
        @Nullable Lease lease,
        Set<String> deletes) {

    public FileChange {
        deletes = Set.copyOf(deletes);
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        if (removed.stream().distinct().count() != removed.size()) {
            throw new IllegalArgumentException("change " + id + " removes a file twice (expected: each key once)");
        }
    }

    /** A change of files without deleted rows. */
    public FileChange(String id, TableId table, List<DataFile> added, List<String> removed, @Nullable Lease lease) {
        this(id, table, added, removed, lease, Set.of());
    }
}
