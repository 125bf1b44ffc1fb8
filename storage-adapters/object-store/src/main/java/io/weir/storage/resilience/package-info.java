/**
 * Owns what stands between a remote store and its users: time limits, retries, circuit breakers, bulkheads, and their
 * figures. Start at {@link io.weir.storage.resilience.ResilientObjectStore}.
 */
@NullMarked
package io.weir.storage.resilience;

import org.jspecify.annotations.NullMarked;
