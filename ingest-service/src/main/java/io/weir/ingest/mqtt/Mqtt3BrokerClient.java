package io.weir.ingest.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3Connect;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3ConnectBuilder;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscribe;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscription;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.suback.Mqtt3SubAckReturnCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * MQTT 3.1.1. It has no receive maximum: a broker may send as many unacknowledged messages as it likes, up to its own
 * limit, and those beyond {@code weir.mqtt.max-in-flight} wait in the client.
 */
final class Mqtt3BrokerClient implements BrokerClient {

    private final MqttSettings settings;
    private final Mqtt3AsyncClient client;

    Mqtt3BrokerClient(MqttSettings settings, Mqtt3AsyncClient client) {
        this.settings = settings;
        this.client = client;
    }

    @Override
    public Publisher<InboundMessage> messages() {
        return client.toRx()
                .publishes(MqttGlobalPublishFilter.ALL, true)
                .map(message -> new InboundMessage(
                        message.getTopic().toString(),
                        message.getPayloadAsBytes(),
                        message.isRetain(),
                        message::acknowledge));
    }

    @Override
    public Mono<Void> connect() {
        Mqtt3ConnectBuilder connect = Mqtt3Connect.builder()
                .cleanSession(settings.cleanStart())
                .keepAlive(Math.toIntExact(settings.keepAlive().toSeconds()));
        if (settings.username() != null) {
            var login = connect.simpleAuth().username(settings.username());
            connect = settings.password() == null
                    ? login.applySimpleAuth()
                    : login.password(settings.password().getBytes(StandardCharsets.UTF_8))
                            .applySimpleAuth();
        }
        Mqtt3Connect message = connect.build();
        return Mono.fromFuture(() -> client.connect(message)).then();
    }

    @Override
    public Mono<List<String>> subscribe(List<TopicRoute> routes) {
        List<Mqtt3Subscription> subscriptions = routes.stream()
                .map(route -> Mqtt3Subscription.builder()
                        .topicFilter(BrokerClient.filter(settings, route))
                        .qos(BrokerClient.qos(route))
                        .build())
                .toList();
        Mqtt3Subscribe message =
                Mqtt3Subscribe.builder().addSubscriptions(subscriptions).build();
        return Mono.fromFuture(() -> client.subscribe(message))
                .map(ack -> ack.getReturnCodes())
                .onErrorResume(
                        Mqtt3SubAckException.class,
                        e -> Mono.just(e.getMqttMessage().getReturnCodes()))
                .map(codes -> BrokerClient.refused(settings, routes, codes, Mqtt3SubAckReturnCode::isError));
    }

    @Override
    public Mono<Void> publish(String topic, byte[] payload, String reason) {
        Mqtt3Publish message = Mqtt3Publish.builder()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload)
                .build();
        return Mono.fromFuture(() -> client.publish(message)).then();
    }

    @Override
    public Mono<Void> disconnect() {
        return Mono.fromFuture(() -> client.disconnect());
    }
}
