package io.weir.storage.object;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a store knows of an object.
 *
 * @param key its key
 * @param sizeBytes its length
 * @param checksum CRC-32C of its content, when the store was told it and this call reads it: after a put and by head,
 *     never by a listing; null otherwise
 * @param modified when it was put, by the store's clock: by head and listings, null after a put
 */
public record ObjectInfo(
        String key,
        long sizeBytes,
        @Nullable Checksum checksum,
        @Nullable Instant modified) {

    /** An object that was just put. */
    public ObjectInfo(String key, long sizeBytes, @Nullable Checksum checksum) {
        this(key, sizeBytes, checksum, null);
    }

    /** An object of which nothing more is known. */
    public ObjectInfo(String key, long sizeBytes) {
        this(key, sizeBytes, null, null);
    }

    /** Whether this is surely the content of {@code other}: the same length and, known of both, the same checksum. */
    public boolean hasContentOf(ObjectInfo other) {
        return sizeBytes == other.sizeBytes && checksum != null && checksum.equals(other.checksum);
    }
}
