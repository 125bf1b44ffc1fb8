/**
 * Owns the way of acknowledged rows to those who listen to them. Start at {@link io.weir.common.live.RowListener}, which the
 * write path tells, and {@link io.weir.common.live.RowFeed}, which subscriptions ask.
 */
@NullMarked
package io.weir.common.live;

import org.jspecify.annotations.NullMarked;
