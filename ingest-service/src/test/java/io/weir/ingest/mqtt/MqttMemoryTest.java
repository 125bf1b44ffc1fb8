package io.weir.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.memory.Reservation;
import io.weir.ingest.admission.Admission;
import java.util.Map;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Sinks;

/** Messages and their rows hold memory that writes over HTTP cannot have at the same time. REQUIREMENTS P4; invariant 3. */
class MqttMemoryTest extends SubscriberSlice {

    private static final int MESSAGES = 100;
    private static final int PAYLOAD_BYTES = 10_000;

    private static void send(Publisher5 device) {
        send(device, MESSAGES);
    }

    private static void send(Publisher5 device, int messages) {
        for (int i = 0; i < messages; i++) {
            device.send("in/m", "{\"v\": " + i + ", \"s\": \"" + "x".repeat(PAYLOAD_BYTES) + "\"}");
        }
        device.await();
    }

    private MqttSubscriber subscribe(Broker broker) {
        MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                .subscribed("in/{measurement}", "json")
                .bind());
        awaitSubscribed(subscriber);
        return subscriber;
    }

    @Test
    void messagesInFlightAndTheirRowsAreCountedAndGivenBack() {
        try (Broker broker = Broker.start(directory, 1_000);
                Publisher5 device = new Publisher5(broker.port())) {
            Admission admission = ingest.admission();
            long before = admission.process().usedBytes();
            Sinks.Empty<Void> gate = Sinks.empty();
            ingest.around = stored -> gate.asMono().then(stored);
            MqttSubscriber subscriber = subscribe(broker);
            send(device);
            soon().until(() -> subscriber.status().inFlight() == MESSAGES);
            long messages = (long) MESSAGES * PAYLOAD_BYTES;
            soon().until(() -> admission.decode().usedBytes() > 0);
            // Batches may still be decoded, and two budgets cannot be read at one moment.
            soon().untilAsserted(() -> assertThat(admission.process().usedBytes() - before)
                    .isGreaterThanOrEqualTo(messages + admission.decode().usedBytes()));
            gate.tryEmitEmpty();
            soon().until(() -> subscriber.status().acknowledged() == MESSAGES);
            soon().until(() ->
                    admission.decode().usedBytes() == 0 && admission.log().usedBytes() == 0);
            long rows = admission.buffer().usedBytes();
            assertThat(rows).isBetween(messages, 2 * messages);
            soon().until(() -> admission.process().usedBytes() == before + rows);
        }
    }

    @Test
    void memoryThatIsFullIsWaitedForAndNothingIsLost() {
        try (Broker broker = Broker.start(directory);
                Publisher5 device = new Publisher5(broker.port())) {
            Admission admission = ingest.admission();
            MqttSubscriber subscriber = subscribe(broker);
            Reservation everything =
                    admission.claim("other", admission.process().limitBytes(), admission.decode());
            send(device);
            soon().until(() -> subscriber.status().retries() > 3);
            assertThat(subscriber.status().acknowledged()).isZero();
            everything.close();
            soon().until(() -> subscriber.status().acknowledged() == MESSAGES);
            assertThat(ingest.rows("default", "m")).hasSize(MESSAGES);
            assertThat(subscriber.status().rejected()).isZero();
        }
    }

    @Test
    void moreMessagesThanTheMemoryHoldsAreStoredLittleByLittle() { // invariant 3
        int messages = 2_000;
        ingest.close();
        ingest = new Ingest(directory, Map.of("weir.ingest.memory", "8MB"));
        try (Broker broker = Broker.start(directory, 1_000);
                Publisher5 device = new Publisher5(broker.port())) {
            Sinks.Empty<Void> gate = Sinks.empty();
            ingest.around = stored -> gate.asMono().then(stored);
            MqttSubscriber subscriber = subscribe(broker);
            send(device, messages);
            soon().until(() -> subscriber.status().inFlight() * PAYLOAD_BYTES > 1_500_000);
            assertThat(subscriber.status().inFlight() * PAYLOAD_BYTES).isLessThan(3 << 20);
            gate.tryEmitEmpty();
            soon().until(() -> subscriber.status().acknowledged() == messages);
            assertThat(subscriber.status().rejected()).isZero();
        }
    }
}
