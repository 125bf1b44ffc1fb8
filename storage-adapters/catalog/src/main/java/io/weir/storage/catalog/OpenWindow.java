package io.weir.storage.catalog;

import java.util.List;

/**
 * A window that is in the destination of a continuous query, and may be replaced by another version of it.
 *
 * @param startMicros its beginning, UTC microseconds
 * @param digest what tells its rows from others
 * @param objectKeys its files
 */
public record OpenWindow(long startMicros, String digest, List<String> objectKeys) {

    public OpenWindow {
        objectKeys = List.copyOf(objectKeys);
    }
}
