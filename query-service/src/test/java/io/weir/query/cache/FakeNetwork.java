package io.weir.query.cache;

import io.weir.common.cache.SharedCache;
import io.weir.common.signal.Signal;
import io.weir.common.signal.Signals;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A cache and signals that caches of one process share as if they were of several. */
final class FakeNetwork implements SharedCache {

    final Map<String, Entry> entries = new HashMap<>();
    private final Map<String, Long> generations = new HashMap<>();
    private final Sinks.Many<Said> said = Sinks.many().multicast().directBestEffort();
    boolean away;

    record Entry(List<Long> generations, byte[] value) {}

    private record Said(Object by, String channel, byte[] message) {}

    private List<Long> generations(List<String> namespaces) {
        return namespaces.stream()
                .map(space -> generations.getOrDefault(space, 0L))
                .toList();
    }

    @Override
    public Mono<byte[]> find(String key, List<String> namespaces) {
        return Mono.fromSupplier(() -> {
            Entry entry = away ? null : entries.get(key);
            return entry != null && entry.generations().equals(generations(namespaces)) ? entry.value() : null;
        });
    }

    @Override
    public Mono<Void> keep(String key, List<String> namespaces, Supplier<byte[]> value, Duration ttl) {
        return Mono.fromRunnable(() -> {
            if (!away) {
                entries.put(key, new Entry(generations(namespaces), value.get()));
            }
        });
    }

    @Override
    public Mono<Void> forget(String namespace) {
        return Mono.fromRunnable(() -> generations.merge(namespace, 1L, Long::sum));
    }

    @Override
    public long mostBytes() {
        return 64 << 10;
    }

    /** Signals of one process. */
    Signals signals() {
        return new Signals() {
            @Override
            public void publish(String channel, byte[] message) {
                said.tryEmitNext(new Said(this, channel, message));
            }

            @Override
            public Flux<Signal> listen(String channel) {
                return said.asFlux()
                        .filter(word -> word.by() != this && word.channel().equals(channel))
                        .<Signal>map(word -> new Signal.Message(word.message()))
                        .startWith(Signal.Gap.INSTANCE);
            }
        };
    }

    Stream<String> keys() {
        return entries.keySet().stream();
    }
}
