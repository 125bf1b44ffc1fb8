package io.weir.query.cache;

import reactor.core.publisher.Mono;

/** Where results are kept. Implementations never block, never fail for want of room, and forget what they like. */
interface ResultStore {

    /** The result of that key; empty when it is not there. */
    Mono<CachedResult> find(CacheKey key);

    /** Keeps a result, in place of an earlier one of the same question. */
    Mono<Void> keep(CacheKey key, CachedResult result);

    /** Forgets what was selected. @return how many results that were */
    Mono<Long> remove(Selection selection);
}
