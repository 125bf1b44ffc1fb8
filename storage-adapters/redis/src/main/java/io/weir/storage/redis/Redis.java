package io.weir.storage.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.weir.common.cache.SharedCache;
import io.weir.common.limit.BucketLedger;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.signal.Signals;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * One process's Redis: a cache, a ledger of rate limits and signals, none of which anybody depends on. It is connected to
 * behind everybody's back, and whatever it does, a request waits no longer than {@code weir.redis.cache-timeout} for it.
 *
 * <p>There are three connections, each for many requests at a time: one for entries of the cache, which are large; one for
 * commands, which are not to wait behind these; one on which signals are heard. A pool would add sockets and nothing else, for
 * no command blocks and none is part of a transaction. Thread-safe; owns its threads.
 */
public final class Redis implements AutoCloseable {

    private static final int IO_THREADS = 2;
    private static final int COMPUTATION_THREADS = 2;
    private static final long STOP_SECONDS = 2;

    private final RedisSettings settings;
    private final ClientResources resources;
    private final RedisClient client;
    private final KeptConnection<StatefulRedisConnection<byte[], byte[]>> entries;
    private final KeptConnection<StatefulRedisConnection<byte[], byte[]>> commands;
    private final KeptConnection<StatefulRedisPubSubConnection<byte[], byte[]>> heard;
    private final RedisLink entryLink;
    private final RedisLink commandLink;
    private final RedisCache cache;
    private final RedisLedger ledger;
    private final RedisSignals signals;
    private final RedisMemory memory;
    private final Disposable polling;

    private Redis(
            RedisSettings settings,
            String namespace,
            String version,
            WeirSchedulers schedulers,
            MeterRegistry registry) {
        this.settings = settings;
        String prefix = settings.prefix() + ":" + namespace;
        this.resources = DefaultClientResources.builder()
                .ioThreadPoolSize(IO_THREADS)
                .computationThreadPoolSize(COMPUTATION_THREADS)
                .threadFactoryProvider(pool -> new DefaultThreadFactory("weir-redis", true))
                .build();
        RedisURI uri = settings.uri();
        this.client = RedisClient.create(resources);
        client.setOptions(options(settings));
        this.entries = kept("cache", uri, schedulers);
        this.commands = kept("commands", uri, schedulers);
        this.entryLink = new RedisLink("cache", settings.cacheRequests(), settings.openFor(), entries, registry);
        this.commandLink = new RedisLink("commands", settings.requests(), settings.openFor(), commands, registry);
        this.cache = new RedisCache(
                entryLink,
                prefix + ":cache:" + version,
                settings.cacheTimeout(),
                settings.timeout(),
                settings.maxValue().toBytes(),
                schedulers.decode());
        this.ledger = new RedisLedger(commandLink, prefix, settings.timeout());
        this.heard = new KeptConnection<>(
                "signals",
                settings.timeout(),
                () -> client.connectPubSubAsync(ByteArrayCodec.INSTANCE, uri),
                connection -> connection.reactive().ping(),
                this::arrived,
                schedulers.io());
        this.signals = new RedisSignals(commandLink, heard, prefix, settings.timeout());
        this.memory = new RedisMemory(commandLink, settings.timeout());
        bind(registry);
        entries.start();
        commands.start();
        heard.start();
        this.polling = memory.every(settings.memoryPoll(), schedulers.decode()).subscribe();
    }

    /**
     * Begins to connect to the Redis those settings name, and does not wait for it.
     *
     * @param namespace what tells this installation's keys from those of others in the same Redis: the identity of its catalog
     * @param version of the program: entries of the cache are only for processes of the same
     */
    public static Redis open(
            RedisSettings settings,
            String namespace,
            String version,
            WeirSchedulers schedulers,
            MeterRegistry registry) {
        return new Redis(settings, namespace, version, schedulers, registry);
    }

    private static ClientOptions options(RedisSettings settings) {
        SslOptions.Builder tls = SslOptions.builder().handshakeTimeout(settings.connectTimeout());
        if (settings.uri().isSsl()) {
            tls.trustManager(trusted(settings.authorities()));
        }
        return ClientOptions.builder()
                .autoReconnect(false) // KeptConnection does
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(2 * Math.max(settings.requests(), settings.cacheRequests()))
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(settings.connectTimeout())
                        .keepAlive(true)
                        .build())
                .sslOptions(tls.build())
                .build();
    }

    /** Who vouches for servers, read once and here: connecting, on an event loop, must not read files. */
    private static TrustManagerFactory trusted(@Nullable Path authorities) {
        try {
            KeyStore known = null;
            if (authorities != null) {
                known = KeyStore.getInstance(KeyStore.getDefaultType());
                known.load(null, null);
                try (InputStream in = Files.newInputStream(authorities)) {
                    for (Certificate one :
                            CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                        known.setCertificateEntry("ca-" + known.size(), one);
                    }
                }
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(known);
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "weir.redis.ca-file cannot be used: " + e.getMessage() + " (expected: certificates in PEM)", e);
        }
    }

    private KeptConnection<StatefulRedisConnection<byte[], byte[]>> kept(
            String name, RedisURI uri, WeirSchedulers schedulers) {
        return new KeptConnection<>(
                name,
                settings.timeout(),
                () -> client.connectAsync(ByteArrayCodec.INSTANCE, uri),
                connection -> connection.reactive().ping(),
                connection -> {},
                schedulers.io());
    }

    private void arrived(StatefulRedisPubSubConnection<byte[], byte[]> connection) {
        signals.arrived(connection);
    }

    private void bind(MeterRegistry registry) {
        Gauge.builder("weir.redis.connected", heard, kept -> kept.current() == null ? 0 : 1)
                .tag("link", "signals")
                .register(registry);
        Gauge.builder("weir.redis.memory.used.bytes", memory, RedisMemory::usedBytes)
                .register(registry);
        Gauge.builder("weir.redis.memory.max.bytes", memory, RedisMemory::maxBytes)
                .register(registry);
        Gauge.builder("weir.redis.channels", signals, RedisSignals::channels).register(registry);
        count(registry, "sent", RedisSignals::sent);
        count(registry, "received", RedisSignals::received);
        count(registry, "dropped", RedisSignals::dropped);
    }

    private void count(MeterRegistry registry, String what, ToDoubleFunction<RedisSignals> figure) {
        FunctionCounter.builder("weir.redis.signals", signals, figure)
                .tag("what", what)
                .register(registry);
    }

    /** The cache that processes share. */
    public SharedCache cache() {
        return cache;
    }

    /** Where they settle rate limits. */
    public BucketLedger ledger() {
        return ledger;
    }

    /** How they tell each other. */
    public Signals signals() {
        return signals;
    }

    /** Where it is, for people, without credentials. */
    public String place() {
        return settings.place();
    }

    /**
     * How each connection fares: {@code away} or {@code connected}; of those for commands instead the state of their breaker,
     * {@code closed} when all is well.
     */
    public Map<String, String> states() {
        Map<String, String> states = new TreeMap<>();
        states.put("cache", entryLink.state());
        states.put("commands", commandLink.state());
        states.put("signals", signals.state());
        return states;
    }

    /** Whether everything works. */
    public boolean isWell() {
        return states().values().stream().allMatch(state -> state.equals("closed") || state.equals("connected"));
    }

    /** Lets go of connections and threads; what is under way comes to nothing. */
    @Override
    public void close() {
        polling.dispose();
        heard.close();
        entries.close();
        commands.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(STOP_SECONDS));
        resources.shutdown(0, STOP_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly(STOP_SECONDS, TimeUnit.SECONDS);
    }
}
