package io.weir.storage.object;

import org.jspecify.annotations.Nullable;

/**
 * What a store knows of an object.
 *
 * @param key its key
 * @param sizeBytes its length
 * @param checksum CRC-32C of its content, when the store was told it and this call reads it: after a put and by head,
 *     never by a listing; null otherwise
 */
public record ObjectInfo(
        String key, long sizeBytes, @Nullable Checksum checksum) {

    /** An object of which no checksum is known. */
    public ObjectInfo(String key, long sizeBytes) {
        this(key, sizeBytes, null);
    }

    /** Whether this is surely the content of {@code other}: the same length and, known of both, the same checksum. */
    public boolean hasContentOf(ObjectInfo other) {
        return sizeBytes == other.sizeBytes && checksum != null && checksum.equals(other.checksum);
    }
}
