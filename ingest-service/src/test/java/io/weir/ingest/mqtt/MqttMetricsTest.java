package io.weir.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.testing.Peers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Every meter of the subscriber, moved by a real broker. LESSONS 47. */
class MqttMetricsTest extends SubscriberSlice {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @AfterEach
    void closeRegistry() {
        registry.close();
    }

    private double value(String name) {
        return values().getOrDefault(name, Double.NaN);
    }

    /** Every meter there is, by its name behind {@code weir.mqtt.}. */
    private Map<String, Double> values() {
        Map<String, Double> values = new TreeMap<>();
        for (Meter meter : registry.getMeters()) {
            assertThat(meter.getId().getName()).startsWith("weir.mqtt.");
            values.put(
                    meter.getId().getName().substring("weir.mqtt.".length()),
                    meter.measure().iterator().next().getValue());
        }
        return values;
    }

    private MqttSubscriber subscribe(MqttSettings settings) {
        MqttSubscriber subscriber = ingest.subscribe(settings);
        new MqttMetrics(subscriber).bindTo(registry);
        return subscriber;
    }

    @Test
    void everyMeterMoves() throws IOException {
        Path rights = Files.write(
                directory.resolve("rights"),
                List.of("topic readwrite in/#", "topic read dead/#", "topic readwrite dead/in/heard"));
        try (Mosquitto broker = Mosquitto.start(directory, "acl_file " + rights);
                Publisher5 device = new Publisher5(broker.port())) {
            Sinks.Empty<Void> gate = Sinks.empty();
            AtomicInteger refusals = new AtomicInteger(3);
            ingest.around = stored -> gate.asMono()
                    .then(Mono.defer(() -> refusals.getAndDecrement() > 0
                            ? Mono.error(new WeirException(CommonError.OVERLOADED, "no room in this test"))
                            : stored));
            MqttSubscriber subscriber = subscribe(Settings.of("mqtt://127.0.0.1:" + Peers.freePort(), "weir")
                    .with("urls[1]", broker.url())
                    .with("dead-letter-topic", "dead")
                    .subscribed("in/{measurement}", "line-protocol")
                    .bind());
            soon().until(() -> value("connected") == 1 && subscriber.status().problem() == null);
            soon().until(() -> value("connect.failures") >= 1);
            assertThat(value("connects")).isEqualTo(1);
            assertThat(value("messages.received")).isZero();
            device.send("in/m", "x v=1i 1\nx v=2i 2").await();
            soon().until(() -> value("in.flight") == 1);
            assertThat(value("messages.received")).isEqualTo(1);
            assertThat(value("messages.acknowledged")).isZero();
            assertThat(value("rows")).isZero();
            gate.tryEmitEmpty();
            soon().until(() -> value("messages.acknowledged") == 1);
            assertThat(value("retries")).isEqualTo(3);
            assertThat(value("rows")).isEqualTo(2);
            assertThat(value("appends")).isEqualTo(1);
            assertThat(value("messages.rejected")).isZero();
            device.send("in/heard", "no line").await();
            soon().until(() -> value("messages.acknowledged") == 2);
            assertThat(values())
                    .containsEntry("connected", 1.0)
                    .containsEntry("in.flight", 0.0)
                    .containsEntry("messages.received", 2.0)
                    .containsEntry("messages.rejected", 1.0)
                    .containsEntry("dead.letters", 1.0)
                    .containsEntry("dead.letters.lost", 0.0)
                    .containsEntry("rows", 2.0);
            device.send("in/lost", "no line").await(); // some brokers close the connection over a letter they refuse
            soon().until(() -> value("dead.letters.lost") >= 1);
            Ingest.stop(subscriber);
            assertThat(value("connected")).isZero();
            // The one meter left is moved by the test below: a new one needs a line here.
            assertThat(values()).hasSize(13).containsEntry("messages.skipped", 0.0);
        }
    }

    @Test
    void retainedCopiesAreCountedAsSkipped() {
        try (Broker broker = Broker.start(directory);
                Publisher5 device = new Publisher5(broker.port())) {
            device.send("in/m", "x v=1i 1".getBytes(StandardCharsets.UTF_8), 1, true)
                    .await();
            subscribe(Settings.of(broker.url(), "weir")
                    .with("version", "v3-1-1")
                    .subscribed("in/{measurement}", "line-protocol")
                    .bind());
            soon().until(() -> value("messages.acknowledged") == 1);
            assertThat(value("messages.skipped")).isEqualTo(1);
            assertThat(value("rows")).isZero();
        }
    }
}
