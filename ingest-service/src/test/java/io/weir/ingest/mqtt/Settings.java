package io.weir.ingest.mqtt;

import java.util.LinkedHashMap;
import java.util.Map;

/** Settings as a configuration file gives them. */
final class Settings {

    private final Map<String, Object> values = new LinkedHashMap<>();

    /** A subscriber of that broker, with pauses short enough for tests. */
    static Settings of(String url, String clientId) {
        return new Settings()
                .with("enabled", true)
                .with("urls[0]", url)
                .with("client-id", clientId)
                .with("reconnect-min", "20ms")
                .with("reconnect-max", "200ms")
                .with("retry-min", "10ms")
                .with("retry-max", "50ms");
    }

    Settings with(String key, Object value) {
        values.put("weir.mqtt." + key, String.valueOf(value));
        return this;
    }

    /** The first subscription. */
    Settings subscribed(String topic, String format) {
        return with("subscriptions[0].topic", topic).with("subscriptions[0].format", format);
    }

    MqttSettings bind() {
        return Ingest.bind("weir.mqtt", MqttSettings.class, values);
    }
}
