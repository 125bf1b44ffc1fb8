package io.weir.ingest.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * How a subscriber is doing. Counts are since the process started.
 *
 * @param state whether it is connected
 * @param broker the broker it is connected to, or tries next
 * @param problem why it is not connected, or which subscription was refused; null when all is well
 * @param inFlight messages received and not yet acknowledged
 * @param received messages received
 * @param acknowledged messages acknowledged, the rejected ones included; under QoS 0, done with
 * @param rejected messages that could not be stored, or not all of their rows
 * @param skipped retained copies that were not asked for
 * @param retries attempts to store a batch again because Weir was overloaded or its storage not available
 * @param rows rows stored
 * @param appends appends to the write-ahead log; messages by appends is how well they were batched
 * @param deadLetters rejected messages published to the dead-letter topic
 * @param lostDeadLetters rejected messages that should have been, but could not be
 * @param connects connections made
 * @param connectFailures attempts to connect that failed, and connections lost
 */
public record MqttStatus(
        ConnectionState state,
        String broker,
        @Nullable String problem,
        int inFlight,
        long received,
        long acknowledged,
        long rejected,
        long skipped,
        long retries,
        long rows,
        long appends,
        long deadLetters,
        long lostDeadLetters,
        long connects,
        long connectFailures) {}
