/**
 * Owns the subscription to MQTT brokers: messages become rows, and are acknowledged once the write-ahead log has them.
 * Start at {@link io.weir.ingest.mqtt.MqttSubscriber}.
 */
@NullMarked
package io.weir.ingest.mqtt;

import org.jspecify.annotations.NullMarked;
