package io.weir.storage.catalog;

import java.util.List;

/**
 * A delete that a retention policy makes. The audit log says nothing of it, as of nothing else that policies drop.
 *
 * @param delete what is deleted
 * @param policyId whose it is
 * @param files keys of the files it applies to, at least one, whatever others have the same times
 * @param lease what must still be held when it is committed
 */
public record PolicyDelete(NewDelete delete, String policyId, List<String> files, Lease lease) {

    public PolicyDelete {
        files = List.copyOf(files);
    }
}
