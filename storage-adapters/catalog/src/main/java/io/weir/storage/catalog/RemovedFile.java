package io.weir.storage.catalog;

/**
 * A file that left the catalog, and whose object may still be there.
 *
 * @param objectKey key in the object store
 * @param removalSequence the removal it left with; each removal has the next number
 */
public record RemovedFile(String objectKey, long removalSequence) {}
