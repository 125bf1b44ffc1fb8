package io.weir.ingest.mqtt;

import static io.weir.ingest.mqtt.Requirements.isPositive;
import static io.weir.ingest.mqtt.Requirements.require;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The subscription to MQTT brokers; {@code weir.mqtt.*}. Nothing but {@code enabled} is looked at while it is off.
 *
 * @param enabled whether Weir subscribes at all; default false
 * @param urls brokers, {@code mqtt://host:1883} or {@code mqtts://host:8883}; one is connected to, the next is tried when
 *     it fails. Required
 * @param version version of the protocol, {@code v5} or {@code v3-1-1}; default v5
 * @param clientId name of this client at the broker, which keeps its session under it: every process needs its own, and
 *     the same after a restart. Required
 * @param username name to log in with; default none
 * @param password password of that name; default none
 * @param cleanStart whether the broker is to forget what it kept for this client at every connect, so that messages sent
 *     meanwhile are lost; default false
 * @param sessionExpiry how long the broker keeps messages while Weir is away (MQTT 5; with 3.1.1 the broker decides);
 *     default 1 day, at most 49,000 days
 * @param keepAlive silence after which the connection is tested; default 30 s, whole seconds up to 65,535
 * @param sharedGroup name of a group of Weir processes that share the messages between them ({@code $share/group/…});
 *     default none: every process gets all
 * @param maxInFlight most messages received and not yet acknowledged; default 1,000, 1 to 65,535
 * @param receiveMaximum most unacknowledged messages the broker may send (MQTT 5); those beyond {@code maxInFlight} wait
 *     in the client. Default 65,535, {@code maxInFlight} to 65,535. A broker that does not count well, such as Mosquitto
 *     2.0.11, exceeds a lower one and is disconnected for it
 * @param maxMessageSize largest message taken; a larger one is rejected; default 1 MB, at most 100 MB
 * @param batchMessages most messages that share one append to the log; default 1,000
 * @param batchBytes payload bytes at which a batch is closed; default 1 MB
 * @param batchLinger longest time a message waits for others to share its append; default 5 ms, 0 to 1 s
 * @param reconnectMin pause before the first attempt to connect again; doubles, with jitter; default 1 s
 * @param reconnectMax longest such pause; default 1 min
 * @param retryMin pause before a batch that could not be stored is tried again; doubles, with jitter; default 100 ms
 * @param retryMax longest such pause; default 10 s
 * @param drainTimeout how long a stopping process waits for what is in flight; default 5 s
 * @param deadLetterTopic rejected messages are published below it, {@code <it>/<topic>}; default none
 * @param acceptRetained whether the copies that a broker keeps and sends at every subscription are stored too;
 *     default false
 * @param tls for {@code mqtts} URLs
 * @param subscriptions which topics, and what their segments and payloads mean; at least one is required
 */
@ConfigurationProperties("weir.mqtt")
public record MqttSettings(
        @DefaultValue("false") boolean enabled,
        @DefaultValue List<String> urls,
        @DefaultValue("v5") MqttVersion version,
        @Nullable String clientId,
        @Nullable String username,
        @Nullable String password,
        @DefaultValue("false") boolean cleanStart,
        @DefaultValue("1d") Duration sessionExpiry,
        @DefaultValue("30s") Duration keepAlive,
        @Nullable String sharedGroup,
        @DefaultValue("1000") int maxInFlight,
        @DefaultValue("65535") int receiveMaximum,
        @DefaultValue("1MB") DataSize maxMessageSize,
        @DefaultValue("1000") int batchMessages,
        @DefaultValue("1MB") DataSize batchBytes,
        @DefaultValue("5ms") Duration batchLinger,
        @DefaultValue("1s") Duration reconnectMin,
        @DefaultValue("1m") Duration reconnectMax,
        @DefaultValue("100ms") Duration retryMin,
        @DefaultValue("10s") Duration retryMax,
        @DefaultValue("5s") Duration drainTimeout,
        @Nullable String deadLetterTopic,
        @DefaultValue("false") boolean acceptRetained,
        @NestedConfigurationProperty @DefaultValue TlsSettings tls,
        @DefaultValue List<SubscriptionSettings> subscriptions) {

    private static final int MAX_IDENTIFIERS = 65_535;
    private static final Duration MAX_EXPIRY = Duration.ofDays(49_000);
    private static final DataSize MAX_MESSAGE = DataSize.ofMegabytes(100);

    public MqttSettings {
        urls = List.copyOf(urls);
        subscriptions = List.copyOf(subscriptions);
        if (enabled) {
            require(!urls.isEmpty(), "urls", "empty", "at least one, such as mqtt://127.0.0.1:1883");
            urls.forEach(url -> require(isAddress(url), "urls", url, "mqtt://host:port or mqtts://host:port"));
            require(clientId != null && !clientId.isBlank(), "client-id", clientId, "a name of this process's own");
            require(password == null || username != null, "username", username, "the name that goes with the password");
            require(!subscriptions.isEmpty(), "subscriptions", "empty", "at least one");
            checkTopics(subscriptions, deadLetterTopic);
        }
        require(
                !sessionExpiry.isNegative() && sessionExpiry.compareTo(MAX_EXPIRY) <= 0,
                "session-expiry",
                sessionExpiry,
                "0 to 49000 days");
        require(
                isPositive(keepAlive)
                        && keepAlive.toSeconds() <= MAX_IDENTIFIERS
                        && keepAlive.equals(Duration.ofSeconds(keepAlive.toSeconds())),
                "keep-alive",
                keepAlive,
                "whole seconds, 1 to 65535");
        require(
                sharedGroup == null || (!sharedGroup.isBlank() && TopicPattern.isLiteral(sharedGroup)),
                "shared-group",
                sharedGroup,
                "a name without '/', '+' and '#'");
        require(maxInFlight >= 1 && maxInFlight <= MAX_IDENTIFIERS, "max-in-flight", maxInFlight, "1 to 65535");
        require(
                receiveMaximum >= maxInFlight && receiveMaximum <= MAX_IDENTIFIERS,
                "receive-maximum",
                receiveMaximum,
                "weir.mqtt.max-in-flight to 65535");
        require(
                maxMessageSize.toBytes() > 0 && maxMessageSize.compareTo(MAX_MESSAGE) <= 0,
                "max-message-size",
                maxMessageSize,
                "more than 0, at most 100MB");
        require(batchMessages >= 1, "batch-messages", batchMessages, "at least 1");
        require(batchBytes.toBytes() > 0, "batch-bytes", batchBytes, "more than 0");
        require(
                !batchLinger.isNegative() && batchLinger.compareTo(Duration.ofSeconds(1)) <= 0,
                "batch-linger",
                batchLinger,
                "0 to 1s");
        require(isPositive(reconnectMin), "reconnect-min", reconnectMin, "more than 0");
        require(
                reconnectMax.compareTo(reconnectMin) >= 0,
                "reconnect-max",
                reconnectMax,
                "at least weir.mqtt.reconnect-min");
        require(isPositive(retryMin), "retry-min", retryMin, "more than 0");
        require(retryMax.compareTo(retryMin) >= 0, "retry-max", retryMax, "at least weir.mqtt.retry-min");
        require(isPositive(drainTimeout), "drain-timeout", drainTimeout, "more than 0");
    }

    private static boolean isAddress(String url) {
        try {
            BrokerAddress.parse(url);
            return true;
        } catch (IllegalArgumentException e) {
            return false; // said by the caller, with the key
        }
    }

    /** Two filters that meet would have a message delivered, and stored, twice; so would a dead letter that comes back. */
    private static void checkTopics(List<SubscriptionSettings> subscriptions, @Nullable String deadLetterTopic) {
        List<TopicPattern> patterns = new ArrayList<>();
        for (int i = 0; i < subscriptions.size(); i++) {
            String key = "subscriptions[" + i + "]";
            TopicPattern pattern = subscriptions.get(i).check(key);
            for (int j = 0; j < i; j++) {
                require(
                        !pattern.overlaps(patterns.get(j)),
                        key + ".topic",
                        subscriptions.get(i).topic(),
                        "no topic that weir.mqtt.subscriptions[" + j + "].topic matches too");
            }
            patterns.add(pattern);
        }
        if (deadLetterTopic != null) {
            require(TopicPattern.isName(deadLetterTopic), "dead-letter-topic", deadLetterTopic, "a topic name");
            TopicPattern letters = TopicPattern.parse(deadLetterTopic + "/#");
            require(
                    patterns.stream().noneMatch(letters::overlaps),
                    "dead-letter-topic",
                    deadLetterTopic,
                    "a topic that no subscription matches");
        }
    }

    /** The brokers, in order. */
    List<BrokerAddress> brokers() {
        return urls.stream().map(BrokerAddress::parse).toList();
    }

    /** The settings without their secrets. */
    @Override
    public String toString() {
        return "MqttSettings[enabled=" + enabled + ", urls=" + urls + ", version=" + version + ", clientId=" + clientId
                + ", subscriptions=" + subscriptions + "]";
    }
}
