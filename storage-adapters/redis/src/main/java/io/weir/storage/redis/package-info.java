/**
 * Owns the connections to Redis and what replicas share over them: a cache, rate limits, signals. All of it may be away at
 * any time. Start at {@link io.weir.storage.redis.Redis}.
 */
@NullMarked
package io.weir.storage.redis;

import org.jspecify.annotations.NullMarked;
