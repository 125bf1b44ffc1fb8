/**
 * Owns results that are kept and shared: equal queries over unchanged rows are run once. Start at
 * {@link io.weir.query.cache.QueryCache}.
 */
@NullMarked
package io.weir.query.cache;

import org.jspecify.annotations.NullMarked;
