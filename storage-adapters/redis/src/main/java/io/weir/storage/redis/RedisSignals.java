package io.weir.storage.redis;

import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.weir.common.signal.Signal;
import io.weir.common.signal.Signals;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * Signals by Redis's channels: said over the link for commands, heard over a connection of their own. A channel is subscribed
 * to while somebody listens, and again whenever the connection was made anew. Thread-safe; never blocks.
 *
 * <pre>
 *   message ─▶ sender (8 random bytes of the process) · message ─▶ PUBLISH ··· every process ─▶ SignalQueue of each listener
 * </pre>
 */
final class RedisSignals implements Signals {

    private static final long MOST_BYTES_A_LISTENER = 1 << 20;
    private static final long MOST_BYTES_UNDER_WAY = 8 << 20;

    private final RedisLink link;
    private final KeptConnection<StatefulRedisPubSubConnection<byte[], byte[]>> connection;
    private final String prefix;
    private final Duration patience;
    private final byte[] self = new byte[Long.BYTES];
    private final AtomicLong bytesUnderWay = new AtomicLong();
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    /** Guarded by itself; holding it, nobody waits. */
    private final Map<String, Channel> channels = new HashMap<>();

    private static final class Channel {
        private final List<SignalQueue> listeners = new CopyOnWriteArrayList<>();
        private boolean heard;
    }

    /**
     * @param link what is said goes over
     * @param connection what is heard comes over; told of this object by its maker
     * @param prefix begins the name of each channel
     */
    RedisSignals(
            RedisLink link,
            KeptConnection<StatefulRedisPubSubConnection<byte[], byte[]>> connection,
            String prefix,
            Duration patience) {
        this.link = link;
        this.connection = connection;
        this.prefix = prefix + ":signal:";
        this.patience = patience;
        ByteBuffer.wrap(self).putLong(ThreadLocalRandom.current().nextLong());
    }

    private byte[] name(String channel) {
        return (prefix + channel).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void publish(String channel, byte[] message) {
        long size = (long) self.length + message.length;
        if (bytesUnderWay.addAndGet(size) > MOST_BYTES_UNDER_WAY) {
            bytesUnderWay.addAndGet(-size);
            dropped.increment();
            return;
        }
        byte[] whole = Arrays.copyOf(self, Math.toIntExact(size));
        System.arraycopy(message, 0, whole, self.length, message.length);
        link.call(patience, redis -> redis.publish(name(channel), whole))
                .map(receivers -> true)
                .defaultIfEmpty(false)
                .doFinally(end -> bytesUnderWay.addAndGet(-size))
                .subscribe(arrived -> (arrived ? sent : dropped).increment());
    }

    @Override
    public Flux<Signal> listen(String channel) {
        return Flux.create(sink -> listen(channel, sink), FluxSink.OverflowStrategy.ERROR);
    }

    private void listen(String channel, FluxSink<Signal> sink) {
        SignalQueue queue = new SignalQueue(sink, MOST_BYTES_A_LISTENER, dropped);
        boolean heard;
        synchronized (channels) {
            Channel known = channels.get(channel);
            Channel joined = known == null ? new Channel() : known;
            joined.listeners.add(queue);
            heard = joined.heard;
            if (known == null) {
                channels.put(channel, joined);
                subscribe(connection.current(), List.of(channel));
            }
        }
        sink.onDispose(() -> leave(channel, queue));
        queue.start();
        if (heard) {
            queue.missed();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what comes nevertheless finds no listener
    private void leave(String channel, SignalQueue queue) {
        synchronized (channels) {
            Channel left = channels.get(channel);
            if (left == null || !left.listeners.remove(queue) || !left.listeners.isEmpty()) {
                return;
            }
            channels.remove(channel);
            StatefulRedisPubSubConnection<byte[], byte[]> connected = connection.current();
            if (connected != null) {
                connected.async().unsubscribe(name(channel));
            }
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what goes wrong ends the connection, or its next question does
    private void subscribe(@Nullable StatefulRedisPubSubConnection<byte[], byte[]> connected, Iterable<String> names) {
        if (connected != null) {
            for (String name : names) {
                connected.async().subscribe(name(name));
            }
        }
    }

    /** A connection was made: whatever is listened to is heard over it from now on. */
    void arrived(StatefulRedisPubSubConnection<byte[], byte[]> connected) {
        connected.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(byte[] channel, byte[] message) {
                heard(channel, message);
            }

            @Override
            public void subscribed(byte[] channel, long count) {
                heardFromNowOn(channel);
            }
        });
        synchronized (channels) {
            channels.values().forEach(channel -> channel.heard = false);
            subscribe(connected, List.copyOf(channels.keySet()));
        }
    }

    private @Nullable Channel channel(byte[] name) {
        String text = new String(name, StandardCharsets.UTF_8);
        synchronized (channels) {
            return text.startsWith(prefix) ? channels.get(text.substring(prefix.length())) : null;
        }
    }

    private void heardFromNowOn(byte[] name) {
        Channel channel = channel(name);
        if (channel != null) {
            synchronized (channels) {
                channel.heard = true;
            }
            channel.listeners.forEach(SignalQueue::missed);
        }
    }

    private void heard(byte[] name, byte[] whole) {
        Channel channel = channel(name);
        if (channel == null
                || whole.length < self.length
                || Arrays.equals(whole, 0, self.length, self, 0, self.length)) {
            return;
        }
        received.increment();
        byte[] message = Arrays.copyOfRange(whole, self.length, whole.length);
        channel.listeners.forEach(queue -> queue.add(message));
    }

    /** {@code connected} or {@code away}. */
    String state() {
        return connection.current() == null ? "away" : "connected";
    }

    /** Channels that somebody listens to. */
    int channels() {
        synchronized (channels) {
            return channels.size();
        }
    }

    /** Messages that Redis took. */
    long sent() {
        return sent.sum();
    }

    /** Messages of other processes that came. */
    long received() {
        return received.sum();
    }

    /** Messages that were not sent, or that a listener was too slow for. */
    long dropped() {
        return dropped.sum();
    }
}
