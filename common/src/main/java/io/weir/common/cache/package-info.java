/** Owns the port of a cache that processes share. Start at {@link io.weir.common.cache.SharedCache}. */
@NullMarked
package io.weir.common.cache;

import org.jspecify.annotations.NullMarked;
