package io.weir.acceptance;

import io.weir.testing.S3Peer;
import io.weir.testing.Trees;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A Weir of its own process, run from the packaged distribution as {@code ./weir} runs it. Closing kills it. */
final class WeirProcess implements AutoCloseable {

    static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);

    /** Where servers keep their files whose settings say nothing of it; {@code s3} is under a prefix, one a data directory. */
    private static final String STORE = System.getProperty("weir.acceptance.store", "local");

    private static final int HEAP_MEGABYTES = 320;

    private final Process process;
    private final Path output;
    private final int port;

    private WeirProcess(Process process, Path output, int port) {
        this.process = process;
        this.output = output;
        this.port = port;
    }

    /** Runs any command; its output, both streams, goes to a file. */
    static WeirProcess run(int port, List<String> arguments) {
        return run(HEAP_MEGABYTES, port, arguments);
    }

    private static WeirProcess run(int heapMegabytes, int port, List<String> arguments) {
        try {
            Path jar = Path.of(System.getProperty("weir.distribution")).resolve("weir.jar");
            if (!Files.exists(jar)) {
                throw new IllegalStateException(jar + " is missing: build deploy/standalone first");
            }
            Path home = Files.createTempDirectory(Files.createDirectories(Path.of("target", "processes")), "weir");
            Path output = home.resolve("output.log");
            Path temporary = Files.createDirectory(home.resolve("tmp"));
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx" + heapMegabytes + "m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dio.netty.leakDetection.level=paranoid",
                    "-Djava.io.tmpdir=" + temporary.toAbsolutePath(),
                    "-jar",
                    jar.toString()));
            command.addAll(arguments);
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.onExit().thenRun(() -> Trees.remove(temporary)); // a killed one leaves native libraries there
            return new WeirProcess(process, output, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code weir serve} on a free port and waits until it answers. It does not warm up unless a setting says so. */
    static WeirProcess serve(Path data, String... settings) {
        return serve(freePort(), data, settings);
    }

    /** As above, on that port. */
    static WeirProcess serve(int port, Path data, String... settings) {
        return serve("standalone", HEAP_MEGABYTES, port, data, settings);
    }

    /** As above, with another heap. */
    static WeirProcess serve(int heapMegabytes, int port, Path data, String... settings) {
        return serve("standalone", heapMegabytes, port, data, settings);
    }

    /** As above, of that role. */
    static WeirProcess serve(String role, int port, Path data, String... settings) {
        return serve(role, HEAP_MEGABYTES, port, data, settings);
    }

    private static WeirProcess serve(String role, int heapMegabytes, int port, Path data, String... settings) {
        List<String> arguments =
                new ArrayList<>(List.of("serve", "--role", role, "--port", "" + port, "--data", data.toString()));
        arguments.addAll(List.of("--set", "weir.warm-up.duration=0s"));
        Stream.concat(store(data, settings), Arrays.stream(settings))
                .forEach(setting -> arguments.addAll(List.of("--set", setting)));
        WeirProcess server = run(heapMegabytes, port, arguments);
        Awaitility.await()
                .atMost(START_PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !server.process.isAlive() || server.answers());
        if (!server.process.isAlive()) {
            throw new AssertionError("weir serve ended: " + server.output());
        }
        return server;
    }

    private static Stream<String> store(Path data, String... settings) {
        if (STORE.equals("local") || Arrays.stream(settings).anyMatch(setting -> setting.startsWith("weir.storage."))) {
            return Stream.empty();
        }
        if (!STORE.equals("s3")) {
            throw new IllegalArgumentException("weir.acceptance.store is " + STORE + " (expected: local or s3)");
        }
        S3Peer peer = S3Peer.s3Proxy();
        UUID own = UUID.nameUUIDFromBytes(data.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8));
        return StoredRows.s3(peer.endpoint(), peer.bucket(), "suite/key=value/" + own).stream();
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean answers() {
        try {
            return get("/health/liveness").statusCode() == 200;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Time that all its threads have run. */
    Duration cpuTime() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    long pid() {
        return process.pid();
    }

    /** Gives it that as its whole standard input. */
    void feed(byte[] input) {
        try (OutputStream out = process.getOutputStream()) {
            out.write(input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends what Ctrl-C sends. */
    void interrupt() {
        try {
            new ProcessBuilder("kill", "-INT", "" + pid()).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What it has printed so far. */
    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How much of a core it uses from now on for that long, in percent. */
    double cpuPercent(int seconds) {
        Duration before = cpuTime();
        long began = System.nanoTime();
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
        double nanos = System.nanoTime() - began;
        return cpuTime().minus(before).toNanos() / nanos * 100;
    }

    /** Any request with a JSON body. */
    HttpResponse<String> json(String method, String path, String body) {
        return send(HttpRequest.newBuilder(URI.create(url() + path))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    HttpResponse<String> get(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.GET().build());
    }

    HttpResponse<String> delete(String path) {
        return send(HttpRequest.newBuilder(URI.create(url() + path))
                .timeout(Duration.ofSeconds(60))
                .DELETE()
                .build());
    }

    HttpResponse<String> post(String path, String body, String... headers) {
        return send(request(path, HttpRequest.BodyPublishers.ofString(body), headers));
    }

    HttpResponse<String> post(String path, byte[] body, String... headers) {
        return send(request(path, HttpRequest.BodyPublishers.ofByteArray(body), headers));
    }

    private HttpRequest request(String path, HttpRequest.BodyPublisher body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path))
                .timeout(Duration.ofSeconds(60))
                .POST(body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends it as a power cut would: no handler runs. */
    void kill() {
        process.destroyForcibly();
        awaitExit();
    }

    /** Sends SIGTERM and returns the exit code. */
    int stop() {
        process.destroy();
        return awaitExit();
    }

    int awaitExit() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the process does not end: " + output());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        awaitExit();
    }
}
