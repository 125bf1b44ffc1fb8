package io.weir.ingest.mqtt;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** The status of a subscriber as {@code weir.mqtt.*} meters. */
final class MqttMetrics implements MeterBinder {

    private final MqttSubscriber subscriber;

    MqttMetrics(MqttSubscriber subscriber) {
        this.subscriber = subscriber;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "connected", status -> status.state() == ConnectionState.CONNECTED ? 1 : 0);
        gauge(registry, "in.flight", MqttStatus::inFlight);
        counter(registry, "messages.received", MqttStatus::received);
        counter(registry, "messages.acknowledged", MqttStatus::acknowledged);
        counter(registry, "messages.rejected", MqttStatus::rejected);
        counter(registry, "messages.skipped", MqttStatus::skipped);
        counter(registry, "retries", MqttStatus::retries);
        counter(registry, "rows", MqttStatus::rows);
        counter(registry, "appends", MqttStatus::appends);
        counter(registry, "dead.letters", MqttStatus::deadLetters);
        counter(registry, "dead.letters.lost", MqttStatus::lostDeadLetters);
        counter(registry, "connects", MqttStatus::connects);
        counter(registry, "connect.failures", MqttStatus::connectFailures);
    }

    private void gauge(MeterRegistry registry, String name, ToDoubleFunction<MqttStatus> value) {
        Gauge.builder("weir.mqtt." + name, subscriber, of -> value.applyAsDouble(of.status()))
                .register(registry);
    }

    private void counter(MeterRegistry registry, String name, ToDoubleFunction<MqttStatus> value) {
        FunctionCounter.builder("weir.mqtt." + name, subscriber, of -> value.applyAsDouble(of.status()))
                .register(registry);
    }
}
