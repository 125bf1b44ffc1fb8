package io.weir.common.auth;

/**
 * An authenticated caller.
 *
 * @param organisation the one organisation the caller belongs to
 * @param name what to call it in logs; never a secret
 */
public record Principal(String organisation, String name) {}
