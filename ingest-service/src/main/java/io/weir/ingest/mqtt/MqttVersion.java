package io.weir.ingest.mqtt;

/** A version of the protocol. */
public enum MqttVersion {
    /** MQTT 3.1.1. */
    V3_1_1,
    /** MQTT 5. */
    V5
}
