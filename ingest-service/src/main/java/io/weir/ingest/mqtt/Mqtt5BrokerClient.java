package io.weir.ingest.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** MQTT 5. */
final class Mqtt5BrokerClient implements BrokerClient {

    private static final int PACKET_OVERHEAD_BYTES = 128 << 10;
    private static final int MAX_REASON = 1_024;

    private final MqttSettings settings;
    private final Mqtt5AsyncClient client;

    Mqtt5BrokerClient(MqttSettings settings, Mqtt5AsyncClient client) {
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
        // Larger than the largest message taken: one that is a little too large is rejected, not dropped by the broker.
        int packet = Math.toIntExact(settings.maxMessageSize().toBytes() * 2 + PACKET_OVERHEAD_BYTES);
        Mqtt5ConnectBuilder connect = Mqtt5Connect.builder()
                .cleanStart(settings.cleanStart())
                .sessionExpiryInterval(settings.sessionExpiry().toSeconds())
                .keepAlive(Math.toIntExact(settings.keepAlive().toSeconds()))
                .restrictions()
                .receiveMaximum(settings.receiveMaximum())
                .maximumPacketSize(packet)
                .applyRestrictions();
        if (settings.username() != null) {
            var login = connect.simpleAuth().username(settings.username());
            connect = settings.password() == null
                    ? login.applySimpleAuth()
                    : login.password(settings.password().getBytes(StandardCharsets.UTF_8))
                            .applySimpleAuth();
        }
        Mqtt5Connect message = connect.build();
        return Mono.fromFuture(() -> client.connect(message)).then();
    }

    @Override
    public Mono<List<String>> subscribe(List<TopicRoute> routes) {
        List<Mqtt5Subscription> subscriptions = routes.stream()
                .map(route -> Mqtt5Subscription.builder()
                        .topicFilter(BrokerClient.filter(settings, route))
                        .qos(BrokerClient.qos(route))
                        .retainHandling(
                                settings.acceptRetained()
                                        ? Mqtt5RetainHandling.SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST
                                        : Mqtt5RetainHandling.DO_NOT_SEND)
                        .build())
                .toList();
        Mqtt5Subscribe message =
                Mqtt5Subscribe.builder().addSubscriptions(subscriptions).build();
        return Mono.fromFuture(() -> client.subscribe(message))
                .map(ack -> ack.getReasonCodes())
                .onErrorResume(
                        Mqtt5SubAckException.class,
                        e -> Mono.just(e.getMqttMessage().getReasonCodes()))
                .map(codes -> BrokerClient.refused(settings, routes, codes, Mqtt5SubAckReasonCode::isError));
    }

    @Override
    public Mono<Void> publish(String topic, byte[] payload, String reason) {
        String text = reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason;
        Mqtt5Publish message = Mqtt5Publish.builder()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload)
                .userProperties()
                .add("weir-reason", wellFormed(text))
                .applyUserProperties()
                .build();
        return Mono.fromFuture(() -> client.publish(message)).flatMap(Mqtt5BrokerClient::result);
    }

    private static Mono<Void> result(Mqtt5PublishResult result) {
        return Mono.justOrEmpty(result.getError()).flatMap(Mono::error);
    }

    /** What MQTT lets a string hold. */
    private static String wellFormed(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> Character.isISOControl(c) || (c >= 0xd800 && c < 0xe000) || (c & 0xfffe) == 0xfffe ? '?' : c)
                .forEach(out::appendCodePoint);
        return out.toString();
    }

    @Override
    public Mono<Void> disconnect() {
        return Mono.fromFuture(() -> client.disconnect());
    }
}
