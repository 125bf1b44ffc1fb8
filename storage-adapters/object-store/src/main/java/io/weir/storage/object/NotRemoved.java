package io.weir.storage.object;

/**
 * One object of many that may still be there.
 *
 * @param key its key
 * @param cause why
 */
public record NotRemoved(String key, Throwable cause) {}
