package io.weir.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.decode.DecodedRow;
import io.weir.testing.Peers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** The subscriber between a real broker and the real write path. */
class MqttSubscriberTest extends SubscriberSlice {

    private static final long T = 1_700_000_000_000_000_000L;

    private List<Long> values(String database, String measurement) {
        return ingest.rows(database, measurement).stream()
                .map(row -> (Long) row.fields().get("v"))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"v5,0", "v5,1", "v5,2", "v3-1-1,0", "v3-1-1,1", "v3-1-1,2"})
    void rowsArriveInEitherVersionUnderEveryQualityOfService(String version, int qos) {
        try (Broker broker = Broker.start(directory);
                Publisher5 device = new Publisher5(broker.port())) {
            MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .with("version", version)
                    .with("subscriptions[0].qos", qos)
                    .subscribed("plants/{database}/{measurement}/{tag:device}", "line-protocol")
                    .bind());
            awaitSubscribed(subscriber);
            for (int i = 0; i < 100; i++) {
                String line = "ignored,floor=2 v=" + i + "i " + (T + i);
                device.send("plants/north/temps/d" + i % 3, line.getBytes(StandardCharsets.UTF_8), qos, false);
            }
            device.await();
            soon().until(() -> subscriber.status().acknowledged() == 100);
            List<DecodedRow> rows = ingest.rows("north", "temps");
            assertThat(rows).hasSize(100);
            assertThat(rows)
                    .allSatisfy(row -> assertThat(row.tags())
                            .isEqualTo(
                                    Map.of("device", "d" + (Long) row.fields().get("v") % 3, "floor", "2")));
            assertThat(values("north", "temps")).containsExactlyInAnyOrderElementsOf(longs(0, 100));
            assertThat(subscriber.status().inFlight()).isZero();
            assertThat(subscriber.status().appends()).isLessThan(100);
        }
    }

    private static List<Long> longs(int from, int to) {
        return IntStream.range(from, to).mapToLong(i -> i).boxed().toList();
    }

    @Test
    void jsonAndMessagePackBecomeRowsOfTheTopicsMeasurement() {
        try (Broker broker = Broker.start(directory);
                Publisher5 device = new Publisher5(broker.port())) {
            MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .subscribed("json/{measurement}/{tag:device}", "json")
                    .with("subscriptions[1].topic", "packed/{tag:device}")
                    .with("subscriptions[1].format", "message-pack")
                    .bind());
            awaitSubscribed(subscriber);
            device.send("json/air/d1", "{\"time\": 1700000000, \"temp\": 21.5, \"on\": true}");
            device.send("json/air/d2", "[{\"temp\": 20.5}, {\"temp\": 19}]");
            byte[] packed = {
                (byte) 0x82,
                (byte) 0xa1,
                'm',
                (byte) 0xa3,
                'c',
                'p',
                'u',
                (byte) 0xa6,
                'f',
                'i',
                'e',
                'l',
                'd',
                's',
                (byte) 0x81,
                (byte) 0xa1,
                'v',
                5
            };
            device.send("packed/d3", packed, 1, false).await();
            soon().until(() -> subscriber.status().acknowledged() == 3);
            assertThat(subscriber.status().rejected()).isZero();
            assertThat(ingest.rows("default", "air")).hasSize(3).first().satisfies(row -> {
                assertThat(row.tags()).isEqualTo(Map.of("device", "d1"));
                assertThat(row.fields()).isEqualTo(Map.of("temp", 21.5, "on", true));
                assertThat(row.timeNanos()).isEqualTo(T);
            });
            assertThat(ingest.rows("default", "cpu"))
                    .singleElement()
                    .satisfies(row -> assertThat(row.tags()).isEqualTo(Map.of("device", "d3")));
        }
    }

    @Test
    void whatCanNeverBeStoredIsAcknowledgedCountedAndPublishedAsADeadLetter() { // LESSONS 10, 59, 64
        try (Broker broker = Broker.start(directory);
                Publisher5 device = new Publisher5(broker.port())) {
            MqttSubscriber letters = ingest.subscribe(Settings.of(broker.url(), "letters")
                    .subscribed("dead/#", "json")
                    .bind());
            awaitSubscribed(letters);
            MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .subscribed("in/{database}/{tag:device}", "line-protocol")
                    .with("dead-letter-topic", "dead")
                    .with("max-message-size", "1KB")
                    .bind());
            awaitSubscribed(subscriber);
            device.send("in/db/d1", "m v=1i 1").await();
            soon().until(() -> subscriber.status().acknowledged() == 1);
            device.send("in/db/d1", "m v=\"open 1");
            device.send("in/db/d1", "m v=\"a string\" 2");
            device.send("in/no name/d1", "m v=2i 2");
            device.send("in/db/", "m v=2i 2");
            device.send("in/db/d1", "");
            device.send("in/db/d1", "m v=3i 3\nm v= 4\nm v=5i 5");
            device.send("in/db/d1", "m v=1i 1" + " ".repeat(1_100));
            device.send("in/db/d1", "m,device=own v=6i 6");
            device.send("in/db/d1", "m v=7i 7");
            device.await();
            soon().until(() -> subscriber.status().acknowledged() == 10);
            assertThat(values("db", "m")).containsExactlyInAnyOrder(1L, 3L, 5L, 7L);
            assertThat(subscriber.status().rejected()).isEqualTo(8);
            assertThat(subscriber.status().deadLetters()).isEqualTo(8);
            soon().until(() -> letters.status().acknowledged() == 8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v5", "v3-1-1"})
    void overloadIsWaitedForWithBoundedMessagesInFlightAndNothingIsLost(String version) {
        // invariant 3; LESSONS 2
        try (Broker broker = Broker.start(directory, 20);
                Publisher5 device = new Publisher5(broker.port())) {
            AtomicBoolean recovered = new AtomicBoolean();
            ingest.around = stored -> Mono.defer(() -> recovered.get()
                    ? stored
                    : Mono.error(new WeirException(CommonError.OVERLOADED, "no room in this test")));
            MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .with("version", version)
                    .subscribed("in/{measurement}", "line-protocol")
                    .with("max-in-flight", 10)
                    .bind());
            awaitSubscribed(subscriber);
            int messages = 1_000;
            for (int i = 0; i < messages; i++) {
                device.send("in/m", "x v=" + i + "i " + (T + i));
            }
            device.await();
            soon().until(() -> subscriber.status().retries() > 5);
            soon().until(() -> subscriber.status().received() == 10);
            assertThat(subscriber.status().inFlight()).isEqualTo(10);
            assertThat(subscriber.status().acknowledged()).isZero();
            recovered.set(true);
            soon().until(() -> subscriber.status().acknowledged() == messages);
            assertThat(values("default", "m")).containsExactlyInAnyOrderElementsOf(longs(0, messages));
            assertThat(subscriber.status().connects()).isEqualTo(1);
        }
    }

    @Test
    void slowStorageNeverHasMoreInFlightThanAskedFor() { // invariant 3
        try (Broker broker = Broker.start(directory, 1_000);
                Publisher5 device = new Publisher5(broker.port())) {
            AtomicInteger most = new AtomicInteger();
            AtomicInteger waiting = new AtomicInteger();
            MqttSubscriber[] subscriber = new MqttSubscriber[1];
            ingest.around = stored -> Mono.delay(Duration.ofMillis(20))
                    .doOnSubscribe(
                            s -> most.accumulateAndGet(subscriber[0].status().inFlight(), Math::max))
                    .doOnNext(tick -> waiting.incrementAndGet())
                    .then(stored);
            subscriber[0] = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .subscribed("in/{measurement}", "line-protocol")
                    .with("version", "v3-1-1")
                    .with("max-in-flight", 20)
                    .bind());
            awaitSubscribed(subscriber[0]);
            for (int i = 0; i < 300; i++) {
                device.send("in/m", "x v=" + i + "i " + (T + i));
            }
            device.await();
            soon().until(() -> subscriber[0].status().acknowledged() == 300);
            assertThat(most.get()).isPositive().isLessThanOrEqualTo(20);
            assertThat(waiting.get()).isGreaterThanOrEqualTo(15);
            assertThat(values("default", "m")).containsExactlyInAnyOrderElementsOf(longs(0, 300));
        }
    }

    @Test
    void nothingIsAcknowledgedBeforeTheLogHasItAndItComesAgainAfterwards() { // invariant 1
        try (Broker broker = Broker.start(directory);
                Publisher5 device = new Publisher5(broker.port())) {
            MqttSettings settings = Settings.of(broker.url(), "weir")
                    .subscribed("in/{measurement}", "line-protocol")
                    .with("drain-timeout", "100ms")
                    .bind();
            ingest.around = stored -> Mono.never(); // the log never syncs
            MqttSubscriber first = ingest.subscribe(settings);
            awaitSubscribed(first);
            device.send("in/m", "x v=1i 1").send("in/m", "x v=2i 2").await();
            soon().until(() -> first.status().inFlight() == 2);
            Ingest.stop(first);
            assertThat(first.status().acknowledged()).isZero();
            assertThat(values("default", "m")).isEmpty();
            ingest.around = stored -> stored;
            MqttSubscriber second = ingest.subscribe(settings);
            soon().until(() -> second.status().acknowledged() == 2);
            assertThat(values("default", "m")).containsExactlyInAnyOrder(1L, 2L);
        }
    }

    @Test
    void aStopFinishesWhatIsInFlight() {
        try (Broker broker = Broker.start(directory);
                Publisher5 device = new Publisher5(broker.port())) {
            ingest.around = stored -> Mono.delay(Duration.ofMillis(200)).then(stored);
            MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .subscribed("in/{measurement}", "line-protocol")
                    .bind());
            awaitSubscribed(subscriber);
            device.send("in/m", "x v=1i 1").await();
            soon().until(() -> subscriber.status().inFlight() == 1);
            Ingest.stop(subscriber);
            assertThat(subscriber.status().acknowledged()).isEqualTo(1);
            assertThat(subscriber.status().state()).isEqualTo(ConnectionState.STOPPED);
            assertThat(values("default", "m")).containsExactly(1L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v5", "v3-1-1"})
    void aRestartedBrokerIsFoundAgainAndNothingAcknowledgedToTheDeviceIsLost(String version) {
        try (Broker broker = Broker.start(directory);
                Publisher5 device = new Publisher5(broker.port())) {
            MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .with("version", version)
                    .subscribed("in/{measurement}", "line-protocol")
                    .bind());
            awaitSubscribed(subscriber);
            for (int i = 0; i < 1_000; i++) {
                device.send("in/m", "x v=" + i + "i " + (T + i));
                if (i == 500) {
                    broker.stop();
                    soon().until(() -> subscriber.status().state() == ConnectionState.CONNECTING);
                    broker.start();
                }
            }
            device.await();
            soon().until(() -> values("default", "m").stream().distinct().count() == 1_000);
            assertThat(subscriber.status().connects()).isGreaterThanOrEqualTo(2);
            assertThat(subscriber.status().connectFailures()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v5", "v3-1-1"})
    void aBrokerThatForgotTheSessionIsSubscribedToAgain(String version) {
        try (Broker broker = Broker.start(directory)) {
            MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .with("version", version)
                    .with("clean-start", true)
                    .with("session-expiry", "0s")
                    .subscribed("in/{measurement}", "line-protocol")
                    .bind());
            awaitSubscribed(subscriber);
            broker.stop();
            soon().until(() -> subscriber.status().state() == ConnectionState.CONNECTING);
            broker.start();
            soon().until(() -> subscriber.status().connects() == 2);
            awaitSubscribed(subscriber);
            try (Publisher5 device = new Publisher5(broker.port())) {
                device.send("in/m", "x v=1i 1").await();
            }
            soon().until(() -> subscriber.status().acknowledged() == 1);
            assertThat(values("default", "m")).containsExactly(1L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v5", "v3-1-1"})
    void aSharedGroupGetsEachMessageOnce(String version) {
        try (Broker broker = Broker.start(directory);
                Publisher5 device = new Publisher5(broker.port())) {
            List<MqttSubscriber> group = IntStream.of(1, 2)
                    .mapToObj(i -> ingest.subscribe(Settings.of(broker.url(), "weir-" + i)
                            .with("version", version)
                            .with("shared-group", "weir")
                            .subscribed("in/{measurement}", "line-protocol")
                            .bind()))
                    .toList();
            group.forEach(MqttSubscriberTest::awaitSubscribed);
            for (int i = 0; i < 200; i++) {
                device.send("in/m", "x v=" + i + "i " + (T + i));
            }
            device.await();
            soon().until(() ->
                    group.stream().mapToLong(s -> s.status().acknowledged()).sum() == 200);
            assertThat(values("default", "m")).containsExactlyInAnyOrderElementsOf(longs(0, 200));
            assertThat(group)
                    .allSatisfy(one -> assertThat(one.status().received()).isPositive());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v5", "v3-1-1"})
    void aWrongPasswordIsSaidAndTriedAgainAfterGrowingPauses(String version) { // LESSONS 48
        try (Broker broker = Broker.startWithUser(directory, "weir", "right")) {
            Settings settings = Settings.of(broker.url(), "weir")
                    .with("version", version)
                    .with("username", "weir")
                    .subscribed("in/{measurement}", "line-protocol");
            MqttSubscriber wrong =
                    ingest.subscribe(settings.with("password", "wrong").bind());
            soon().until(() -> wrong.status().connectFailures() >= 3);
            assertThat(wrong.status().state()).isEqualTo(ConnectionState.CONNECTING);
            assertThat(wrong.status().problem())
                    .contains("NOT_AUTHORIZED", "check weir.mqtt.username, password and client-id");
            MqttSubscriber right = ingest.subscribe(
                    settings.with("password", "right").with("client-id", "b").bind());
            awaitSubscribed(right);
        }
    }

    @Test
    void aBrokerThatIsDownAtTheStartIsConnectedToOnceItIsUpAndTheNextOneIsTriedMeanwhile() {
        try (Broker broker = Broker.start(directory)) {
            broker.stop();
            MqttSubscriber subscriber = ingest.subscribe(Settings.of("mqtt://127.0.0.1:" + Peers.freePort(), "weir")
                    .with("urls[1]", broker.url())
                    .subscribed("in/{measurement}", "line-protocol")
                    .bind());
            soon().until(() -> subscriber.status().connectFailures() >= 3);
            assertThat(subscriber.status().problem()).contains("Connection refused");
            broker.start();
            awaitSubscribed(subscriber);
            assertThat(subscriber.status().broker()).isEqualTo(broker.url());
        }
    }

    @ParameterizedTest
    @CsvSource({"false,0", "true,1"})
    void retainedCopiesAreStoredOnlyWhenAskedFor(boolean accepted, int rows) { // LESSONS 47
        try (Broker broker = Broker.start(directory);
                Publisher5 device = new Publisher5(broker.port())) {
            device.send("in/m", "x v=1i 1".getBytes(StandardCharsets.UTF_8), 1, true)
                    .await();
            MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .with("version", "v3-1-1")
                    .with("accept-retained", accepted)
                    .subscribed("in/{measurement}", "line-protocol")
                    .bind());
            soon().until(() -> subscriber.status().acknowledged() == 1);
            assertThat(values("default", "m")).hasSize(rows);
            assertThat(subscriber.status().skipped()).isEqualTo(1 - rows);
        }
    }

    /** A second reading of the protocol. */
    @Test
    void anotherBrokerIsUnderstoodTooAndKeepsWhatWasNotAcknowledgedOverItsRestart() {
        try (HiveMq broker = HiveMq.start(directory)) {
            AtomicBoolean recovered = new AtomicBoolean();
            ingest.around = stored -> Mono.defer(() -> recovered.get()
                    ? stored
                    : Mono.error(new WeirException(CommonError.OVERLOADED, "no room in this test")));
            MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .subscribed("in/{measurement}", "line-protocol")
                    .bind());
            awaitSubscribed(subscriber);
            try (Publisher5 device = new Publisher5(broker.port())) {
                for (int i = 0; i < 50; i++) {
                    device.send("in/m", "x v=" + i + "i " + (T + i));
                }
                device.await();
            }
            broker.stop();
            soon().until(() -> subscriber.status().state() == ConnectionState.CONNECTING);
            recovered.set(true);
            broker.start();
            soon().until(() -> values("default", "m").stream().distinct().count() == 50);
        }
    }

    @Test
    void aBrokerWithTlsIsTrustedByItsCertificateAndShownOurs() throws Exception {
        Certificates certificates = Certificates.make(directory);
        try (Mosquitto broker = Mosquitto.start(
                directory,
                "cafile " + certificates.authority(),
                "certfile " + certificates.serverCertificate(),
                "keyfile " + certificates.serverKey(),
                "require_certificate true")) {
            Settings settings = Settings.of("mqtts://localhost:" + broker.port(), "weir")
                    .subscribed("in/{measurement}", "line-protocol");
            MqttSubscriber stranger = ingest.subscribe(settings.bind());
            soon().until(() -> stranger.status().connectFailures() > 0);
            assertThat(stranger.status().problem()).contains("TLS failed (weir.mqtt.tls)");
            settings.with("tls.trust-certificates", certificates.authority())
                    .with("tls.client-certificate", certificates.clientCertificate())
                    .with("tls.client-key", certificates.clientKey());
            awaitSubscribed(ingest.subscribe(settings.with("client-id", "b").bind()));
            Settings byAddress = settings.with("urls[0]", "mqtts://127.0.0.1:" + broker.port());
            MqttSubscriber otherName =
                    ingest.subscribe(byAddress.with("client-id", "c").bind());
            soon().until(() -> otherName.status().connectFailures() > 0);
            assertThat(otherName.status().problem()).contains("TLS failed (weir.mqtt.tls)");
            awaitSubscribed(ingest.subscribe(byAddress
                    .with("client-id", "d")
                    .with("tls.verify-hostname", false)
                    .bind()));
        }
    }

    /** Not a benchmark: says what a stream of one-row messages costs, and that they share appends. */
    @Test
    void oneRowMessagesShareAppends() {
        try (Broker broker = Broker.start(directory, 1_000);
                Publisher5 device = new Publisher5(broker.port())) {
            MqttSubscriber subscriber = ingest.subscribe(Settings.of(broker.url(), "weir")
                    .with("max-in-flight", 2_000)
                    .subscribed("in/{measurement}/{tag:device}", "line-protocol")
                    .bind());
            awaitSubscribed(subscriber);
            int messages = Integer.getInteger("weir.mqtt.messages", 5_000);
            for (int i = 0; i < messages; i++) {
                device.send("in/m/d" + i % 100, "x v=" + i + "i " + (T + i));
            }
            device.await();
            soon().until(() -> subscriber.status().acknowledged() >= messages);
            MqttStatus status = subscriber.status();
            System.out.println(messages + " messages in " + status.appends() + " appends");
            assertThat(status.appends()).isLessThan(messages / 20);
            assertThat(values("default", "m").stream().distinct().count()).isEqualTo(messages);
        }
    }
}
