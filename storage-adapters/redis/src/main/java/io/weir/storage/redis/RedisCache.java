package io.weir.storage.redis;

import io.lettuce.core.KeyValue;
import io.lettuce.core.SetArgs;
import io.weir.common.cache.SharedCache;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The shared cache in Redis. An entry begins with the generations its namespaces had when it was kept, and is there only as
 * long as they still have them; forgetting a namespace gives it another one. Thread-safe; never blocks.
 *
 * <pre>
 *   PREFIX:KEY            ─▶ layout (1 byte) · number of namespaces (1) · generation of each (8) · value     with its TTL
 *   PREFIX:gen:NAMESPACE  ─▶ generation (8 random bytes)                             longer than any entry; none counts as 0
 * </pre>
 */
final class RedisCache implements SharedCache {

    private static final byte LAYOUT = 1;
    private static final int HEAD_BYTES = 2;
    private static final int MOST_NAMESPACES = 255;
    private static final Duration LONGEST_TTL = Duration.ofHours(12);

    /** A generation that went before the entries made before it would bring them back. */
    private static final Duration GENERATION_TTL = Duration.ofHours(24);

    private final RedisLink link;
    private final String prefix;
    private final Duration timeout;
    private final Duration patience;
    private final long mostBytes;
    private final Scheduler receiver;

    /**
     * @param prefix begins each key
     * @param timeout longest time of a {@link #find}
     * @param patience longest time of everything else
     * @param receiver where entries are handed over, so that nobody's work holds up the connection
     */
    RedisCache(RedisLink link, String prefix, Duration timeout, Duration patience, long mostBytes, Scheduler receiver) {
        this.link = link;
        this.prefix = prefix;
        this.timeout = timeout;
        this.patience = patience;
        this.mostBytes = mostBytes;
        this.receiver = receiver;
    }

    @Override
    public long mostBytes() {
        return mostBytes;
    }

    private byte[] entry(String key) {
        return (prefix + ":" + key).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] generation(String namespace) {
        return (prefix + ":gen:" + namespace).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Mono<byte[]> find(String key, List<String> namespaces) {
        byte[][] keys = new byte[1 + namespaces.size()][];
        keys[0] = entry(key);
        for (int i = 0; i < namespaces.size(); i++) {
            keys[1 + i] = generation(namespaces.get(i));
        }
        return link.call(timeout, redis -> redis.mget(keys).collectList())
                .mapNotNull(RedisCache::value)
                .publishOn(receiver);
    }

    private static byte @Nullable [] value(List<KeyValue<byte[], byte[]>> answer) {
        byte[] kept = answer.get(0).getValueOrElse(null);
        int namespaces = answer.size() - 1;
        int head = HEAD_BYTES + namespaces * Long.BYTES;
        if (kept == null || kept.length < head || kept[0] != LAYOUT || (kept[1] & 0xff) != namespaces) {
            return null;
        }
        ByteBuffer generations = ByteBuffer.wrap(kept, HEAD_BYTES, namespaces * Long.BYTES);
        for (int i = 1; i <= namespaces; i++) {
            if (generations.getLong() != number(answer.get(i))) {
                return null;
            }
        }
        return Arrays.copyOfRange(kept, head, kept.length);
    }

    private static long number(KeyValue<byte[], byte[]> generation) {
        byte[] bytes = generation.getValueOrElse(null);
        return bytes == null || bytes.length != Long.BYTES
                ? 0
                : ByteBuffer.wrap(bytes).getLong();
    }

    @Override
    public Mono<Void> keep(String key, List<String> namespaces, Supplier<byte[]> value, Duration ttl) {
        if (namespaces.isEmpty() || namespaces.size() > MOST_NAMESPACES) {
            return Mono.empty();
        }
        byte[][] keys = namespaces.stream().map(this::generation).toArray(byte[][]::new);
        Duration bounded = ttl.compareTo(LONGEST_TTL) < 0 ? ttl : LONGEST_TTL;
        SetArgs arguments = SetArgs.Builder.px(Math.max(1, bounded.toMillis()));
        return link.call(
                        patience,
                        redis -> redis.mget(keys).collectList().flatMap(generations -> {
                            byte[] kept = kept(generations, value.get());
                            return kept.length > mostBytes + HEAD_BYTES + (long) keys.length * Long.BYTES
                                    ? Mono.<String>empty()
                                    : redis.set(entry(key), kept, arguments);
                        }))
                .then();
    }

    private static byte[] kept(List<KeyValue<byte[], byte[]>> generations, byte[] value) {
        ByteBuffer kept = ByteBuffer.allocate(HEAD_BYTES + generations.size() * Long.BYTES + value.length);
        kept.put(LAYOUT).put((byte) generations.size());
        generations.forEach(generation -> kept.putLong(number(generation)));
        return kept.put(value).array();
    }

    @Override
    public Mono<Void> forget(String namespace) {
        byte[] random = new byte[Long.BYTES];
        ByteBuffer.wrap(random).putLong(ThreadLocalRandom.current().nextLong());
        SetArgs arguments = SetArgs.Builder.px(GENERATION_TTL.toMillis());
        return link.call(patience, redis -> redis.set(generation(namespace), random, arguments))
                .then();
    }
}
