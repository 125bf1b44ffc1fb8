package io.weir.ingest.mqtt;

/** What the payload of a message is. */
public enum PayloadFormat {
    /** Lines as in {@code docs/formats/line-protocol.md}. */
    LINE_PROTOCOL,
    /** A JSON object, or an array of them; see {@code docs/mqtt.md}. */
    JSON,
    /** One value as in {@code docs/formats/messagepack.md}. */
    MESSAGE_PACK
}
