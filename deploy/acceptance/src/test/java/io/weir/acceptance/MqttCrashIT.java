package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Peers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that subscribes to Mosquitto is killed again and again: every message that devices handed to the broker ends
 * as a row. Some may be there twice, which at-least-once means. REQUIREMENTS P3; invariants 1, 6.
 */
class MqttCrashIT {

    private static final int KILLS = 4;
    private static final int MESSAGES_A_KILL = 2_000;

    @TempDir
    Path directory;

    private static String program(String name, String packages) {
        return Peers.program(name, packages).toString();
    }

    private static Process run(List<String> command, Path log) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyMessageTheBrokerTookIsARowAfterEveryKill() throws IOException, InterruptedException {
        String publisher = program("mosquitto_pub", "mosquitto-clients");
        int port = WeirProcess.freePort();
        Path configuration = Files.write(
                directory.resolve("mosquitto.conf"),
                List.of("listener " + port + " 127.0.0.1", "allow_anonymous true", "max_queued_messages 0"));
        Process broker = run(
                List.of(program("mosquitto", "mosquitto"), "-c", configuration.toString()),
                directory.resolve("mosquitto.log"));
        try {
            for (int kill = 0; kill < KILLS; kill++) {
                try (WeirProcess server = serve(port)) {
                    awaitSubscribed(server);
                    publish(publisher, port, kill);
                    server.kill();
                }
            }
            try (WeirProcess server = serve(port)) {
                awaitSubscribed(server);
                assertThat(server.get("/health").body()).contains("\"mqtt\":{", "\"state\":\"CONNECTED\"");
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(Sql.number(server, "crash", "SELECT count(DISTINCT v) FROM m"))
                                .isEqualTo((long) KILLS * MESSAGES_A_KILL));
                long rows = Sql.number(server, "crash", "SELECT count(*) FROM m");
                System.out.println(KILLS * MESSAGES_A_KILL + " messages, " + rows + " rows after " + KILLS + " kills");
                assertThat(server.stop()).isIn(0, 143);
            }
        } finally {
            broker.destroyForcibly();
        }
    }

    private WeirProcess serve(int broker) {
        return WeirProcess.serve(
                directory.resolve("data"),
                "weir.mqtt.enabled=true",
                "weir.mqtt.urls[0]=mqtt://127.0.0.1:" + broker,
                "weir.mqtt.client-id=weir",
                "weir.mqtt.reconnect-min=20ms",
                "weir.mqtt.reconnect-max=100ms",
                "weir.mqtt.subscriptions[0].topic=in/{database}/{measurement}",
                "weir.ingest.flush-age=150ms");
    }

    private static void awaitSubscribed(WeirProcess server) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> server.output().contains("subscribed to 1 topics at MQTT broker"));
    }

    /** Hands messages to the broker under QoS 1; the server is killed while they are on their way to it. */
    private void publish(String program, int port, int kill) throws IOException, InterruptedException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < MESSAGES_A_KILL; i++) {
            lines.append("x v=").append(kill * MESSAGES_A_KILL + i).append("i\n");
        }
        Process publisher = run(
                List.of(program, "-p", "" + port, "-q", "1", "-t", "in/crash/m", "-l"),
                directory.resolve("publisher.log"));
        try (var in = publisher.getOutputStream()) {
            in.write(lines.toString().getBytes(StandardCharsets.UTF_8));
        }
        assertThat(publisher.waitFor()).isZero();
    }
}
