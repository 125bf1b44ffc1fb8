package io.weir.common.live;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** The bus of one process, which loses nothing: whoever sends hands the message over. Thread-safe. */
public final class LocalRowBus implements RowBus {

    private final Map<String, List<Consumer<byte[]>>> receivers = new ConcurrentHashMap<>();

    @Override
    public boolean isWanted(String channel) {
        return receivers.containsKey(channel);
    }

    @Override
    public Mono<Void> publish(String channel, byte[] message) {
        return Mono.fromRunnable(
                () -> receivers.getOrDefault(channel, List.of()).forEach(receiver -> receiver.accept(message)));
    }

    @Override
    public Disposable subscribe(String channel, Consumer<byte[]> receiver) {
        receivers.compute(channel, (key, known) -> {
            List<Consumer<byte[]>> all = known == null ? new CopyOnWriteArrayList<>() : known;
            all.add(receiver);
            return all;
        });
        return Disposables.composite(() -> receivers.computeIfPresent(channel, (key, all) -> {
            all.remove(receiver);
            return all.isEmpty() ? null : all;
        }));
    }
}
