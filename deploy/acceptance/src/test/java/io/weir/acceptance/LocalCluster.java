package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A run of {@code deploy/local-cluster/run}. Closing kills whatever is left of it. */
final class LocalCluster implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(600);
    private static final int PORTS_APART = 100;

    private final Path directory;
    private final Path output;
    private final int base;
    private final Process process;

    /** Starts it in that directory, with that environment and nothing else that speaks of Weir. */
    LocalCluster(Path directory, Map<String, String> environment) throws IOException {
        this.directory = directory.resolve("cluster");
        this.output = directory.resolve("output.log");
        this.base = freePorts();
        Path script = Path.of("..", "local-cluster", "run").toAbsolutePath().normalize();
        ProcessBuilder builder = new ProcessBuilder(script.toString(), this.directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("WEIR_"));
        builder.environment().putAll(environment);
        builder.environment().putAll(Map.of("BASE_PORT", "" + base, "WEIR_HEAP", "256m"));
        this.process = builder.start();
    }

    /** The port at which that ingest replica takes writes. */
    int ingestPort(int replica) {
        return base + PORTS_APART * replica;
    }

    /** The port at which that query replica is asked. */
    int queryPort(int replica) {
        return ingestPort(replica) + 1;
    }

    /** Waits until it has printed so many lines that begin like that. */
    void awaitOutput(String line, int times) throws IOException {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> !process.isAlive()
                        || Files.readAllLines(output).stream()
                                        .filter(one -> one.startsWith(line))
                                        .count()
                                >= times);
        assertThat(process.isAlive()).as(Files.readString(output)).isTrue();
    }

    /** Asks it to restart its replicas one by one. */
    void restart() throws IOException, InterruptedException {
        String script = Files.readString(directory.resolve("pid")).strip();
        assertThat(new ProcessBuilder("kill", "-HUP", script)
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Sends SIGTERM, and waits until it has ended. */
    void stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** What that replica has printed. */
    String log(String replica) throws IOException {
        return Files.readString(directory.resolve(replica).resolve("output.log"));
    }

    HttpResponse<String> post(int port, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return WeirProcess.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** The first of the ports that the script takes, at none of which anybody listens. */
    private static int freePorts() {
        while (true) {
            int first = WeirProcess.freePort();
            List<ServerSocket> taken = new ArrayList<>();
            try {
                for (int port : new int[] {1, 2, 7, 8, 9, 100, 101, 102}) {
                    taken.add(new ServerSocket(first + port));
                }
                return first;
            } catch (IOException | IllegalArgumentException another) {
                continue;
            } finally {
                taken.forEach(LocalCluster::close);
            }
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
