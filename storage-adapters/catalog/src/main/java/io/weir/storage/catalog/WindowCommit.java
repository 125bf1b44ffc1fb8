package io.weir.storage.catalog;

import java.util.List;

/**
 * A window, computed.
 *
 * @param id unique, at most 64 characters; committing it twice is the same as once
 * @param query the query as it was when the window was computed
 * @param startMicros beginning of the window
 * @param digest what tells its rows from others
 * @param files its files; none when it has no rows
 * @param replaced files of its earlier version; none when it has none
 * @param lease what must still be held when it is committed
 */
public record WindowCommit(
        String id,
        ContinuousQuery query,
        long startMicros,
        String digest,
        List<DataFile> files,
        List<String> replaced,
        Lease lease) {

    public WindowCommit {
        files = List.copyOf(files);
        replaced = List.copyOf(replaced);
    }

    /** Whether it is the window that follows the watermark, which it moves. */
    boolean isNext() {
        return startMicros == query.watermarkMicros();
    }

    FileChange change() {
        return new FileChange(id, query.definition().destination(), files, replaced, lease);
    }
}
