package io.weir.ingest.mqtt;

import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Takes rows from MQTT brokers. A message is acknowledged when its rows are durable and visible, or when it was rejected
 * for good; so under QoS 1 and 2 none is lost, and some may be stored twice ({@code docs/mqtt.md}). Starts last and never
 * fails because of a broker; stops first: takes nothing more, finishes what is in flight, disconnects. Thread-safe.
 */
public final class MqttSubscriber implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(MqttSubscriber.class);
    private static final Duration DISCONNECT_TIMEOUT = Duration.ofSeconds(2);

    private final MqttSettings settings;
    private final MqttCounters counters = new MqttCounters();
    private final Scheduler timers;
    private final BrokerConnection connection;
    private final MessageIntake intake;
    private volatile boolean running;

    /**
     * A subscriber that does nothing until it is started; starts once.
     *
     * @throws io.weir.common.error.WeirException {@code configuration} when the files of {@code weir.mqtt.tls} cannot be
     *     used
     */
    public MqttSubscriber(MqttSettings settings, IngestService ingest, WeirSchedulers schedulers, Clock clock) {
        this(settings, RowStore.of(ingest), schedulers, clock);
    }

    MqttSubscriber(MqttSettings settings, RowStore store, WeirSchedulers schedulers, Clock clock) {
        this.settings = settings;
        this.timers = schedulers.decode();
        this.connection = new BrokerConnection(settings, counters);
        BatchWriter writer = new BatchWriter(settings, store, schedulers.decode(), clock, counters);
        RejectionDesk desk =
                new RejectionDesk(settings.deadLetterTopic(), connection, counters, timers, System::nanoTime);
        this.intake = new MessageIntake(
                settings,
                batch -> writer.write(batch).flatMap(desk::take),
                store.budget(),
                schedulers.decode(),
                counters);
    }

    @Override
    public void start() {
        running = true;
        connection.messages().subscribe(intake);
        connection.open();
    }

    @Override
    public void stop(Runnable callback) {
        running = false;
        intake.drain()
                .timeout(settings.drainTimeout(), timers)
                .onErrorResume(e -> {
                    LOG.warn(
                            "{} MQTT messages were not stored before the stop; the broker keeps those it may",
                            intake.inFlight());
                    return Mono.empty();
                })
                .then(connection.close())
                .timeout(settings.drainTimeout().plus(DISCONNECT_TIMEOUT), timers)
                .doFinally(signal -> {
                    intake.close();
                    callback.run();
                })
                .subscribe(nothing -> {}, e -> LOG.warn("the MQTT connection could not be closed", e));
    }

    /** Like {@link #stop(Runnable)}, without saying when it is done. */
    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** How it is doing. */
    public MqttStatus status() {
        return new MqttStatus(
                connection.state(),
                connection.broker(),
                connection.problem(),
                intake.inFlight(),
                counters.received.sum(),
                counters.acknowledged.sum(),
                counters.rejected.sum(),
                counters.skipped.sum(),
                counters.retries.sum(),
                counters.rows.sum(),
                counters.appends.sum(),
                counters.deadLetters.sum(),
                counters.lostDeadLetters.sum(),
                counters.connects.sum(),
                counters.connectFailures.sum());
    }
}
