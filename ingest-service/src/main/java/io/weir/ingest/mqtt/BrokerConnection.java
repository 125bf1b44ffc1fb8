package io.weir.ingest.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientExecutorConfig;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfigBuilder;
import com.hivemq.client.mqtt.exceptions.MqttSessionExpiredException;
import com.hivemq.client.mqtt.lifecycle.MqttClientConnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttClientReconnector;
import com.hivemq.client.mqtt.mqtt3.lifecycle.Mqtt3ClientConnectedContext;
import com.hivemq.client.mqtt.mqtt5.lifecycle.Mqtt5ClientConnectedContext;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.reactivex.schedulers.Schedulers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Keeps one client connected: tries brokers in turn, for ever, with growing pauses, and subscribes on every connection
 * that does not find its session. Owns one thread, {@code weir-mqtt}, which never blocks. Thread-safe.
 */
final class BrokerConnection implements RejectionDesk.Publishing {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnection.class);

    private final MqttSettings settings;
    private final List<BrokerAddress> brokers;
    private final List<TopicRoute> routes;
    private final MqttClientSslConfig tls;
    private final Backoff backoff;
    private final MqttCounters counters;
    private final BrokerClient client;
    private volatile ConnectionState state = ConnectionState.STOPPED;
    private volatile BrokerAddress broker;
    private volatile @Nullable String problem;
    private volatile boolean stopping;
    private volatile boolean subscribed;

    BrokerConnection(MqttSettings settings, MqttCounters counters) {
        this.settings = settings;
        this.brokers = settings.brokers();
        this.broker = brokers.get(0);
        this.routes = new TopicRoutes(settings.subscriptions()).all();
        this.tls = BrokerTls.of(settings.tls());
        this.backoff = new Backoff(settings.reconnectMin(), settings.reconnectMax());
        this.counters = counters;
        // Callbacks run where they arise: all they do is to put messages into a queue and to note states.
        MqttClientBuilder builder = MqttClient.builder()
                .identifier(Objects.requireNonNull(settings.clientId(), "checked by the settings"))
                .transportConfig(transport(broker))
                .executorConfig(MqttClientExecutorConfig.builder()
                        .nettyThreads(1)
                        .nettyExecutor(this::run)
                        .applicationScheduler(Schedulers.from(Runnable::run))
                        .build())
                .addConnectedListener(this::connected)
                .addDisconnectedListener(this::disconnected);
        this.client = BrokerClient.of(settings, builder);
    }

    private void run(Runnable loop) {
        Thread thread = new MqttThread(loop, brokers.stream().anyMatch(BrokerAddress::tls));
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * The thread of the connection. During its first TLS handshake the JDK reads its own list of authorities from disk;
     * nobody but this connection waits for that.
     */
    private static final class MqttThread extends FastThreadLocalThread {

        private final boolean tls;

        MqttThread(Runnable loop, boolean tls) {
            super(loop, "weir-mqtt");
            this.tls = tls;
        }

        @Override
        public boolean permitBlockingCalls() {
            return tls;
        }
    }

    private MqttClientTransportConfig transport(BrokerAddress address) {
        MqttClientTransportConfigBuilder transport =
                MqttClientTransportConfig.builder().serverHost(address.host()).serverPort(address.port());
        return address.tls() ? transport.sslConfig(tls).build() : transport.build();
    }

    /**
     * Every message, across connections and sessions; to be subscribed to once, before {@link #open}, and not to be
     * cancelled before {@link #close} completed. The client ends its stream with the session, so it is taken up again.
     */
    Flux<InboundMessage> messages() {
        return Flux.from(client.messages())
                .retryWhen(Retry.indefinitely().filter(e -> !stopping && e instanceof MqttSessionExpiredException));
    }

    /** Begins to connect and returns at once; a broker that is down is tried again. */
    void open() {
        state = ConnectionState.CONNECTING;
        client.connect().subscribe(nothing -> {}, e -> {
            if (!stopping) {
                problem = ConnectFailure.explain(e);
                LOG.error("the MQTT client gave up connecting to {}", broker, e);
            }
        });
    }

    private void connected(MqttClientConnectedContext context) {
        counters.connects.increment();
        boolean kept = context instanceof Mqtt5ClientConnectedContext five
                ? five.getConnAck().isSessionPresent()
                : context instanceof Mqtt3ClientConnectedContext three
                        && three.getConnAck().isSessionPresent();
        LOG.info("connected to MQTT broker {} as {}, {} session", broker, settings.clientId(), kept ? "kept" : "new");
        subscribed &= kept;
        problem = subscribed ? null : "not subscribed yet"; // first, so that nobody sees a connection without it
        state = ConnectionState.CONNECTED;
        if (subscribed) {
            return;
        }
        client.subscribe(routes).subscribe(this::subscribed, this::notSubscribed);
    }

    private void subscribed(List<String> refused) {
        subscribed = refused.isEmpty();
        problem = refused.isEmpty() ? null : "the broker refused subscriptions: " + String.join(", ", refused);
        if (subscribed) {
            LOG.info("subscribed to {} topics at MQTT broker {}", routes.size(), broker);
        } else {
            LOG.error("MQTT broker {} refused subscriptions: {}", broker, String.join(", ", refused));
        }
    }

    /** The connection broke meanwhile; the next one subscribes again. */
    private void notSubscribed(Throwable failure) {
        problem = "not subscribed: " + ConnectFailure.explain(failure);
        LOG.warn("could not subscribe at MQTT broker {}: {}", broker, ConnectFailure.explain(failure));
    }

    private void disconnected(MqttClientDisconnectedContext context) {
        if (stopping) {
            state = ConnectionState.STOPPED;
            return;
        }
        counters.connectFailures.increment();
        state = ConnectionState.CONNECTING;
        problem = ConnectFailure.explain(context.getCause());
        MqttClientReconnector reconnector = context.getReconnector();
        Duration pause = backoff.after(reconnector.getAttempts());
        BrokerAddress failed = broker;
        broker = brokers.get((brokers.indexOf(failed) + 1) % brokers.size());
        LOG.warn("no connection to MQTT broker {}: {}; trying {} in {} ms", failed, problem, broker, pause.toMillis());
        reconnector
                .reconnect(true)
                .delay(pause.toNanos(), TimeUnit.NANOSECONDS)
                .transportConfig(transport(broker))
                .resubscribeIfSessionPresent(false)
                .resubscribeIfSessionExpired(false); // done in connected()
    }

    @Override
    public Mono<Void> publish(String topic, byte[] payload, String reason) {
        return client.publish(topic, payload, reason);
    }

    /** Closes the connection, or stops trying to have one. */
    Mono<Void> close() {
        return Mono.defer(() -> {
            stopping = true;
            return client.disconnect()
                    .doOnError(e -> LOG.debug("there was no MQTT connection to close", e))
                    .onErrorComplete()
                    .doFinally(signal -> state = ConnectionState.STOPPED);
        });
    }

    ConnectionState state() {
        return state;
    }

    String broker() {
        return broker.toString();
    }

    @Nullable
    String problem() {
        return problem;
    }
}
