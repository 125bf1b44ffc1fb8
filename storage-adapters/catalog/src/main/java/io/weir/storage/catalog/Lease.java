package io.weir.storage.catalog;

/**
 * The right to do something alone for a while. Nothing tells a holder that it has lost it: what must not happen after that
 * names the lease in its transaction.
 *
 * @param name what may be done by one at a time
 * @param holder who was given it
 * @param token larger than that of every earlier lease of the name
 */
public record Lease(String name, String holder, long token) {}
