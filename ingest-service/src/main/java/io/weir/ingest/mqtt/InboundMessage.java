package io.weir.ingest.mqtt;

/** A message as it came from the broker. Immutable; thread-safe. */
final class InboundMessage {

    /** Heap a message holds besides topic and payload, roughly. */
    private static final int OVERHEAD_BYTES = 512;

    private final String topic;
    private final byte[] payload;
    private final boolean retained;
    private final Runnable acknowledgement;

    /**
     * Takes ownership of the payload.
     *
     * @param topic where it was published
     * @param retained whether it is a copy that the broker kept
     * @param acknowledgement tells the broker that it need not be sent again; does nothing under QoS 0
     */
    InboundMessage(String topic, byte[] payload, boolean retained, Runnable acknowledgement) {
        this.topic = topic;
        this.payload = payload;
        this.retained = retained;
        this.acknowledgement = acknowledgement;
    }

    String topic() {
        return topic;
    }

    /** Its bytes; not to be modified. */
    byte[] payload() {
        return payload;
    }

    boolean isRetained() {
        return retained;
    }

    /** Tells the broker that this message is done; once, by any thread. */
    void acknowledge() {
        acknowledgement.run();
    }

    /** About how many bytes of heap it holds. */
    long sizeBytes() {
        return OVERHEAD_BYTES + 2L * topic.length() + payload.length;
    }
}
