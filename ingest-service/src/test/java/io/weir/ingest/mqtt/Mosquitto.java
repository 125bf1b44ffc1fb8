package io.weir.ingest.mqtt;

import io.weir.testing.Peers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Mosquitto, from this machine. */
final class Mosquitto implements Broker {

    /** Its own default. */
    static final int IN_FLIGHT = 20;

    private final Path directory;
    private final int port;
    private final List<String> configuration;
    private Process process;

    private Mosquitto(Path directory, int port, List<String> configuration) {
        this.directory = directory;
        this.port = port;
        this.configuration = configuration;
    }

    /** A broker that lets everybody in, with those lines added to its configuration. */
    static Mosquitto start(Path directory, String... configuration) {
        return startAs(
                directory,
                Stream.concat(Stream.of("allow_anonymous true"), Stream.of(configuration))
                        .toList());
    }

    /** A broker that knows one user. */
    static Mosquitto startWithUser(Path directory, String user, String password) {
        Path users = directory.resolve("users");
        try {
            Process tool = new ProcessBuilder(
                            program("mosquitto_passwd").toString(), "-b", "-c", users.toString(), user, password)
                    .inheritIO()
                    .start();
            tool.waitFor();
            if (!users.toFile().setReadable(true, false)) {
                throw new IOException(users + " cannot be made readable");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return startAs(directory, List.of("allow_anonymous false", "password_file " + users));
    }

    private static Path program(String name) {
        return Peers.program(name, "mosquitto");
    }

    private static Mosquitto startAs(Path directory, List<String> configuration) {
        Mosquitto broker = new Mosquitto(directory, Peers.freePort(), configuration);
        broker.start();
        return broker;
    }

    @Override
    public void start() {
        try {
            Path file = directory.resolve("mosquitto.conf");
            Path data = Files.createDirectories(directory.resolve("broker"));
            List<String> lines = Stream.concat(
                            Stream.of(
                                    "listener " + port + " 127.0.0.1",
                                    "user root",
                                    "persistence true",
                                    "persistence_location " + data + "/",
                                    "max_queued_messages 0",
                                    "log_type warning",
                                    "log_type error"),
                            configuration.stream())
                    .toList();
            Files.write(file, lines);
            process = new ProcessBuilder(program("mosquitto").toString(), "-c", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("mosquitto.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !process.isAlive() || listens());
        if (!process.isAlive()) {
            throw new AssertionError("mosquitto ended: " + log());
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    String log() {
        try {
            return Files.readString(directory.resolve("mosquitto.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        try {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                throw new AssertionError("mosquitto does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
