package io.weir.ingest.mqtt;

import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** A connection to a broker in one version of the protocol. Thread-safe. */
interface BrokerClient {

    /** A client that is not connected yet. */
    static BrokerClient of(MqttSettings settings, MqttClientBuilder builder) {
        return switch (settings.version()) {
            case V3_1_1 ->
                new Mqtt3BrokerClient(settings, builder.useMqttVersion3().buildAsync());
            case V5 -> new Mqtt5BrokerClient(settings, builder.useMqttVersion5().buildAsync());
        };
    }

    /**
     * Every message of the session; to be subscribed to before connecting, and again when it fails with {@code
     * MqttSessionExpiredException}. Cancelling it while connected acknowledges what was not delivered yet, so it must not
     * be.
     */
    Publisher<InboundMessage> messages();

    /** Connects; completes when connected for the first time. */
    Mono<Void> connect();

    /** Subscribes; completes with what was refused: filter and reason, in a sentence each. */
    Mono<List<String>> subscribe(List<TopicRoute> routes);

    /** Publishes under QoS 1; completes when the broker has the message. */
    Mono<Void> publish(String topic, byte[] payload, String reason);

    /** Closes the connection; the session stays with the broker as long as was agreed. */
    Mono<Void> disconnect();

    /** The filter to subscribe to, shared when there is a group. */
    static String filter(MqttSettings settings, TopicRoute route) {
        String group = settings.sharedGroup();
        return group == null ? route.filter() : "$share/" + group + "/" + route.filter();
    }

    /** The quality of service to subscribe with. */
    static MqttQos qos(TopicRoute route) {
        return Objects.requireNonNull(MqttQos.fromCode(route.subscription().qos()), "checked by the settings");
    }

    /** What a broker refused, by its codes for the routes in their order: filter and code, in a sentence each. */
    static <C> List<String> refused(
            MqttSettings settings, List<TopicRoute> routes, List<C> codes, Predicate<C> isError) {
        return IntStream.range(0, codes.size())
                .filter(i -> isError.test(codes.get(i)))
                .mapToObj(i -> filter(settings, routes.get(i)) + ": " + codes.get(i))
                .toList();
    }
}
