package io.weir.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.ingest.decode.Precision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class MqttSettingsTest {

    private static Settings valid() {
        return Settings.of("mqtt://broker", "weir").subscribed("a/{tag:device}", "json");
    }

    @Test
    void everythingHasADefaultAndNothingIsOn() {
        MqttSettings settings = Ingest.bind("weir.mqtt", MqttSettings.class, Map.of());
        assertThat(settings)
                .isEqualTo(new MqttSettings(
                        false,
                        List.of(),
                        MqttVersion.V5,
                        null,
                        null,
                        null,
                        false,
                        Duration.ofDays(1),
                        Duration.ofSeconds(30),
                        null,
                        1_000,
                        65_535,
                        DataSize.ofMegabytes(1),
                        1_000,
                        DataSize.ofMegabytes(1),
                        Duration.ofMillis(5),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(1),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        null,
                        false,
                        TlsSettings.DEFAULT,
                        List.of()));
    }

    @Test
    void everySettingMoves() { // LESSONS 47
        MqttSettings settings = valid().with("urls[1]", "mqtts://other:8884")
                .with("version", "v3-1-1")
                .with("username", "u")
                .with("password", "p")
                .with("clean-start", true)
                .with("session-expiry", "1h")
                .with("keep-alive", "7s")
                .with("shared-group", "g")
                .with("max-in-flight", 7)
                .with("receive-maximum", 8)
                .with("max-message-size", "2KB")
                .with("batch-messages", 3)
                .with("batch-bytes", "3KB")
                .with("batch-linger", "4ms")
                .with("reconnect-min", "2s")
                .with("reconnect-max", "3s")
                .with("retry-min", "1ms")
                .with("retry-max", "2ms")
                .with("drain-timeout", "9s")
                .with("dead-letter-topic", "dead")
                .with("accept-retained", true)
                .with("tls.trust-store", "t.p12")
                .with("tls.trust-store-password", "secret")
                .with("tls.client-certificate", "c.crt")
                .with("tls.client-key", "c.key")
                .with("tls.client-key-password", "hidden")
                .with("tls.verify-hostname", false)
                .with("subscriptions[0].database", "db")
                .with("subscriptions[0].measurement", "m")
                .with("subscriptions[0].tags.site", "s")
                .with("subscriptions[0].precision", "ms")
                .with("subscriptions[0].qos", 2)
                .with("subscriptions[0].json-time", "ts")
                .with("subscriptions[0].json-tags", "x,y")
                .bind();
        assertThat(settings)
                .isEqualTo(new MqttSettings(
                        true,
                        List.of("mqtt://broker", "mqtts://other:8884"),
                        MqttVersion.V3_1_1,
                        "weir",
                        "u",
                        "p",
                        true,
                        Duration.ofHours(1),
                        Duration.ofSeconds(7),
                        "g",
                        7,
                        8,
                        DataSize.ofKilobytes(2),
                        3,
                        DataSize.ofKilobytes(3),
                        Duration.ofMillis(4),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        Duration.ofSeconds(9),
                        "dead",
                        true,
                        new TlsSettings(null, "t.p12", "secret", "c.crt", "c.key", "hidden", false),
                        List.of(new SubscriptionSettings(
                                "a/{tag:device}",
                                "db",
                                "m",
                                Map.of("site", "s"),
                                PayloadFormat.JSON,
                                "ms",
                                2,
                                "ts",
                                List.of("x", "y")))));
        assertThat(settings.brokers())
                .containsExactly(new BrokerAddress("broker", 1883, false), new BrokerAddress("other", 8884, true));
        assertThat(settings.subscriptions().get(0).unit()).isEqualTo(Precision.MILLISECOND);
        assertThat(settings.toString() + settings.tls()).doesNotContain("secret", "hidden", "password=p");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "urls[0]; http://broker; weir.mqtt.urls is http://broker (expected: mqtt://host:port or mqtts://host:port)",
                "client-id; ''; weir.mqtt.client-id is  (expected: a name of this process's own)",
                "password; p; weir.mqtt.username is null (expected: the name that goes with the password)",
                "session-expiry; -1s; weir.mqtt.session-expiry is PT-1S (expected: 0 to 49000 days)",
                "keep-alive; 1500ms; weir.mqtt.keep-alive is PT1.5S (expected: whole seconds, 1 to 65535)",
                "shared-group; a/b; weir.mqtt.shared-group is a/b (expected: a name without '/', '+' and '#')",
                "max-in-flight; 0; weir.mqtt.max-in-flight is 0 (expected: 1 to 65535)",
                "receive-maximum; 999; weir.mqtt.receive-maximum is 999 (expected: weir.mqtt.max-in-flight to 65535)",
                "max-message-size; 101MB; weir.mqtt.max-message-size is 105906176B (expected: more than 0, at most 100MB)",
                "batch-messages; 0; weir.mqtt.batch-messages is 0 (expected: at least 1)",
                "batch-bytes; 0; weir.mqtt.batch-bytes is 0B (expected: more than 0)",
                "batch-linger; 2s; weir.mqtt.batch-linger is PT2S (expected: 0 to 1s)",
                "reconnect-min; 0s; weir.mqtt.reconnect-min is PT0S (expected: more than 0)",
                "reconnect-max; 1ms; weir.mqtt.reconnect-max is PT0.001S (expected: at least weir.mqtt.reconnect-min)",
                "retry-min; 0s; weir.mqtt.retry-min is PT0S (expected: more than 0)",
                "retry-max; 1ms; weir.mqtt.retry-max is PT0.001S (expected: at least weir.mqtt.retry-min)",
                "drain-timeout; 0s; weir.mqtt.drain-timeout is PT0S (expected: more than 0)",
                "dead-letter-topic; a; weir.mqtt.dead-letter-topic is a (expected: a topic that no subscription matches)",
                "dead-letter-topic; d/+; weir.mqtt.dead-letter-topic is d/+ (expected: a topic name)",
                "tls.client-key; k; weir.mqtt.tls.client-certificate is null (expected: the certificate of weir.mqtt.tls.client-key)",
                "tls.client-certificate; k; weir.mqtt.tls.client-key is null (expected: the key of weir.mqtt.tls.client-certificate)",
                "subscriptions[0].qos; 3; weir.mqtt.subscriptions[0].qos is 3 (expected: 0, 1 or 2)",
                "subscriptions[0].database; a b; weir.mqtt.subscriptions[0].database: database name \"a b\" is not valid (expected: a letter, then up to 63 letters, digits, '_' or '-')",
                "subscriptions[0].measurement; _m; weir.mqtt.subscriptions[0].measurement is _m (expected: a valid name)",
                "subscriptions[0].tags.device; x; weir.mqtt.subscriptions[0].tags.device is x (expected: a tag the topic does not give)",
                "subscriptions[0].json-tags; device; weir.mqtt.subscriptions[0].json-tags is device (expected: valid names that are neither another tag's nor the time's)",
                "subscriptions[0].json-time; ''; weir.mqtt.subscriptions[0].json-time is empty (expected: a key)",
                "subscriptions[0].topic; a/#/b; weir.mqtt.subscriptions[0].topic: segment \"#\" is none (expected: a word, +, {database}, {measurement}, {tag:name}, or # at the end)",
                "subscriptions[1].topic; a/b; weir.mqtt.subscriptions[1].topic is a/b (expected: no topic that weir.mqtt.subscriptions[0].topic matches too)",
            })
    void aWrongSettingIsRefusedByItsKey(String key, String value, String message) {
        assertThatThrownBy(() -> valid().with(key, value).bind()).hasStackTraceContaining(message);
    }

    @Test
    void pausesDoubleUpToTheLongestWithJitter() {
        Backoff low = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), () -> 0);
        Backoff high = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), () -> 1);
        assertThat(List.of(low.after(0), low.after(2), low.after(100)))
                .containsExactly(Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofMillis(500));
        assertThat(List.of(high.after(0), high.after(2), high.after(100)))
                .containsExactly(Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofSeconds(1));
    }
}
