package io.weir.storage.object;

/**
 * What a store knows of an object.
 *
 * @param key its key
 * @param sizeBytes its length
 */
public record ObjectInfo(String key, long sizeBytes) {}
