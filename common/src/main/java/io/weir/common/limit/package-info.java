/**
 * Owns how much a caller may ask for in a time: requests by address and token, bytes, rows and queries by organisation.
 * Start at {@link io.weir.common.limit.RateLimits} and {@link io.weir.common.limit.Quotas}.
 */
@NullMarked
package io.weir.common.limit;

import org.jspecify.annotations.NullMarked;
