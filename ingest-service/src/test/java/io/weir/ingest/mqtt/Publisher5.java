package io.weir.ingest.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A device, or many: publishes, and waits until the broker has everything. */
final class Publisher5 implements AutoCloseable {

    private final Mqtt5AsyncClient client;
    private final List<CompletableFuture<?>> sent = new ArrayList<>();

    Publisher5(int port) {
        client = MqttClient.builder()
                .useMqttVersion5()
                .identifier("device")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .automaticReconnectWithDefaultConfig()
                .buildAsync();
        client.connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(3_600)
                .send()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    Publisher5 send(String topic, String payload) {
        return send(topic, payload.getBytes(StandardCharsets.UTF_8), 1, false);
    }

    Publisher5 send(String topic, byte[] payload, int qos, boolean retain) {
        sent.add(client.publish(Mqtt5Publish.builder()
                .topic(topic)
                .payload(payload)
                .qos(MqttQos.values()[qos])
                .retain(retain)
                .build()));
        return this;
    }

    void await() {
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
        sent.clear();
    }

    @Override
    public void close() {
        client.disconnect()
                .exceptionally(e -> null)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }
}
