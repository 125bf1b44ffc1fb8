package io.weir.ingest.mqtt;

import io.weir.testing.Peers;
import java.nio.file.Path;

/**
 * A real broker of its own process, on a port and in a directory that stay the same over restarts: Mosquitto where this
 * machine has it, else the HiveMQ that Maven resolved. {@code WEIR_TEST_BROKER=hivemq} prefers the latter.
 */
interface Broker extends AutoCloseable {

    /** A broker that lets everybody in. */
    static Broker start(Path directory) {
        return start(directory, Mosquitto.IN_FLIGHT);
    }

    /** A broker that lets everybody in, and hands each subscriber that many messages before it acknowledges one. */
    static Broker start(Path directory, int inFlight) {
        return hasMosquitto()
                ? Mosquitto.start(directory, "max_inflight_messages " + inFlight)
                : HiveMq.start(directory);
    }

    /** A broker that knows one user. */
    static Broker startWithUser(Path directory, String user, String password) {
        return hasMosquitto()
                ? Mosquitto.startWithUser(directory, user, password)
                : HiveMq.start(directory, user, password);
    }

    private static boolean hasMosquitto() {
        return !"hivemq".equals(System.getenv("WEIR_TEST_BROKER"))
                && Peers.findProgram("mosquitto").isPresent();
    }

    /** Starts it again after {@link #stop}. */
    void start();

    /** Ends it; its sessions and messages are kept for the next {@link #start}. */
    void stop();

    int port();

    default String url() {
        return "mqtt://127.0.0.1:" + port();
    }

    @Override
    void close();
}
