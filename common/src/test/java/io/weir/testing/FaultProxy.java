package io.weir.testing;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/**
 * A TCP proxy in front of one server that does to connections what networks and servers do. Faults are set while it runs
 * and hold for connections that exist as for new ones, until {@link #heal}. Thread-safe.
 */
public final class FaultProxy implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Pattern NOTHING = Pattern.compile("(?!)");
    private static final int CHUNK_BYTES = 16 << 10;

    private final InetSocketAddress target;
    private final DisposableServer server;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    private volatile Duration latency = Duration.ZERO;
    private volatile long bytesPerSecond = Long.MAX_VALUE;
    private volatile Sinks.Empty<Void> gate = opened();
    private volatile boolean resetOnAccept;
    private volatile Pattern armedBy = NOTHING;
    private volatile Pattern refused = NOTHING;
    private final AtomicInteger failAfterCommit = new AtomicInteger();
    private final AtomicInteger failBefore = new AtomicInteger();
    private final AtomicLong cutAfter = new AtomicLong(Long.MAX_VALUE);
    private volatile boolean cutIsHalfClose;

    private FaultProxy(URI target) {
        this.target = new InetSocketAddress(target.getHost(), target.getPort());
        this.server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((in, out) -> {
                    Pair pair = new Pair();
                    in.withConnection(client -> pair.client = client);
                    return pair.run();
                })
                .bindNow(PATIENCE);
    }

    /** A proxy without faults in front of that server. */
    public static FaultProxy inFrontOf(URI target) {
        return new FaultProxy(target);
    }

    /** Where clients connect to. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** No fault from now on; what was stalled goes on. */
    public FaultProxy heal() {
        latency = Duration.ZERO;
        bytesPerSecond = Long.MAX_VALUE;
        resetOnAccept = false;
        armedBy = NOTHING;
        refused = NOTHING;
        failAfterCommit.set(0);
        failBefore.set(0);
        cutAfter.set(Long.MAX_VALUE);
        gate.tryEmitEmpty();
        return this;
    }

    /** Every piece of data, in both directions, comes later by that. */
    public FaultProxy latency(Duration delay) {
        latency = delay;
        return this;
    }

    /** Each direction of each connection passes that much. */
    public FaultProxy bandwidth(long bytesEachSecond) {
        bytesPerSecond = bytesEachSecond;
        return this;
    }

    /** Connections are accepted and stay, and nothing passes. */
    public FaultProxy stall() {
        gate = Sinks.empty();
        return this;
    }

    /** Resets every connection now, and every new one as soon as it is made. */
    public FaultProxy reset() {
        resetOnAccept = true;
        open.forEach(FaultProxy::reset);
        return this;
    }

    /** Resets the connection on which that many more bytes of answers have passed, once. */
    public FaultProxy cutAfter(long answerBytes) {
        cutIsHalfClose = false;
        cutAfter.set(answerBytes);
        return this;
    }

    /** Ends the answers, but not the requests, of the connection on which that many more bytes of answers have passed, once. */
    public FaultProxy halfCloseAfter(long answerBytes) {
        cutIsHalfClose = true;
        cutAfter.set(answerBytes);
        return this;
    }

    /**
     * Lets the next requests through and then resets the connection in place of their answers: the server has done what
     * the client will never hear of.
     *
     * @param requestLine regular expression of how the request line begins, such as {@code "PUT "}
     * @param times how many answers
     */
    public FaultProxy commitThenFail(String requestLine, int times) {
        failAfterCommit.set(times);
        armedBy = Pattern.compile(requestLine);
        return this;
    }

    /**
     * Resets the connection in place of passing the next requests on: the server has not even seen what the client will
     * never hear of.
     *
     * @param requestLine regular expression of how the request begins
     * @param times how many requests
     */
    public FaultProxy failBefore(String requestLine, int times) {
        failBefore.set(times);
        refused = Pattern.compile(requestLine);
        return this;
    }

    /** Connections accepted so far. */
    public int accepted() {
        return accepted.get();
    }

    /** Connections that are open now. */
    public int open() {
        return open.size();
    }

    /** Most connections that were open at once. */
    public int mostOpen() {
        return most.get();
    }

    private static Sinks.Empty<Void> opened() {
        Sinks.Empty<Void> sink = Sinks.empty();
        sink.tryEmitEmpty();
        return sink;
    }

    private static void reset(Channel channel) {
        channel.eventLoop().execute(() -> {
            if (channel.isOpen()) {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
                channel.close();
            }
        });
    }

    @Override
    public void close() {
        open.forEach(FaultProxy::reset);
        server.disposeNow(PATIENCE);
    }

    /** One client's connection and the one made for it. */
    private final class Pair {

        private Connection client;
        private volatile boolean armed;

        Mono<Void> run() {
            Channel channel = client.channel();
            open.add(channel);
            most.accumulateAndGet(open.size(), Math::max);
            accepted.incrementAndGet();
            channel.closeFuture().addListener(closed -> open.remove(channel));
            if (resetOnAccept) {
                reset(channel);
                return Mono.never();
            }
            return TcpClient.create()
                    .remoteAddress(() -> target)
                    .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .connect()
                    .flatMap(this::pump);
        }

        private Mono<Void> pump(Connection upstream) {
            client.channel().closeFuture().addListener(closed -> upstream.dispose());
            Mono<Void> requests = upstream.outbound()
                    .sendByteArray(client.inbound()
                            .receive()
                            .asByteArray()
                            .filter(this::seeRequest)
                            .concatMapIterable(FaultProxy::chunks)
                            .concatMap(this::shaped, 1))
                    .then();
            Mono<Void> answers = client.outbound()
                    .sendByteArray(upstream.inbound()
                            .receive()
                            .asByteArray()
                            .concatMapIterable(FaultProxy::chunks)
                            .concatMap(this::shaped, 1)
                            .concatMap(this::answered, 1))
                    .then();
            return Mono.firstWithSignal(requests.onErrorComplete().then(Mono.never()), answers.onErrorComplete())
                    .doFinally(end -> upstream.dispose());
        }

        /** False for a request that is not passed on. */
        private boolean seeRequest(byte[] bytes) {
            String request = new String(bytes, StandardCharsets.ISO_8859_1);
            if (armedBy.matcher(request).lookingAt()) {
                armed = true;
            }
            if (refused.matcher(request).lookingAt() && failBefore.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                reset(client.channel());
                return false;
            }
            return true;
        }

        private Mono<byte[]> shaped(byte[] bytes) {
            return Mono.defer(() -> gate.asMono()).then(Mono.defer(() -> {
                long rate = bytesPerSecond;
                Duration delay = latency.plus(
                        rate == Long.MAX_VALUE ? Duration.ZERO : Duration.ofNanos((long) (bytes.length * 1e9 / rate)));
                return delay.isZero() ? Mono.just(bytes) : Mono.just(bytes).delayElement(delay);
            }));
        }

        private Mono<byte[]> answered(byte[] bytes) {
            boolean goesOn = new String(bytes, 0, Math.min(bytes.length, 12), StandardCharsets.ISO_8859_1)
                    .equals("HTTP/1.1 100");
            if (armed && !goesOn && failAfterCommit.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                reset(client.channel());
                return Mono.never();
            }
            long left = cutAfter.addAndGet(cutAfter.get() == Long.MAX_VALUE ? 0 : -bytes.length);
            if (left >= 0) {
                return Mono.just(bytes);
            }
            cutAfter.set(Long.MAX_VALUE);
            if (cutIsHalfClose) {
                ((DuplexChannel) client.channel()).shutdownOutput();
            } else {
                reset(client.channel());
            }
            return Mono.never();
        }
    }

    private static List<byte[]> chunks(byte[] bytes) {
        List<byte[]> chunks = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += CHUNK_BYTES) {
            chunks.add(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + CHUNK_BYTES)));
        }
        return chunks;
    }
}
