package io.weir.common.cache;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * A cache that processes share, behind the one that each has for itself. It may be slow, full or away: then it has nothing
 * and keeps nothing, within a short time and without a failure. Implementations are thread-safe and never block.
 *
 * <p>An entry belongs to namespaces, and goes with each of them: forgetting a namespace takes the same short time however
 * much is in it.
 */
public interface SharedCache {

    /**
     * The entry of that key.
     *
     * @param namespaces those that it was kept with, in the same order
     * @return empty when it is not there, or a namespace of it was forgotten since, or it cannot be told in time
     */
    Mono<byte[]> find(String key, List<String> namespaces);

    /**
     * Keeps an entry, in place of one of the same key.
     *
     * @param namespaces what it belongs to, at most 255
     * @param value makes the bytes; not asked when nothing could be kept now
     * @param ttl longest time it is kept
     */
    Mono<Void> keep(String key, List<String> namespaces, Supplier<byte[]> value, Duration ttl);

    /** Forgets every entry of a namespace. */
    Mono<Void> forget(String namespace);

    /** Largest value that is kept, in bytes. */
    long mostBytes();
}
