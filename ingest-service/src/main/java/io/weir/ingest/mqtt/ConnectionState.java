package io.weir.ingest.mqtt;

/** How a subscriber stands with its brokers. */
public enum ConnectionState {
    /** Not started, or stopped. */
    STOPPED,
    /** Trying to connect, or waiting to try again. */
    CONNECTING,
    /** Connected; messages come in unless a subscription was refused. */
    CONNECTED
}
