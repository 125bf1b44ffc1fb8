package io.weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;

/**
 * A Redis, shared by the tests of a process, each of which keeps to keys of its own: the one that {@code WEIR_TEST_REDIS_URL}
 * names ({@code redis://HOST:PORT}), else a container where Docker runs, else the program of this machine.
 *
 * @param server where it listens, as {@code redis://HOST:PORT}
 */
public record RedisPeer(URI server) {

    /** Memory it may use when it was started here. */
    public static final long MAX_BYTES = 64 << 20;

    private static final String IMAGE = "redis:7.4-alpine";
    private static final int PORT = 6379;
    private static final List<String> OPTIONS =
            List.of("--save", "", "--appendonly", "no", "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru");
    private static final long PATIENCE_NANOS = 20_000_000_000L;
    private static final long POLL_NANOS = 20_000_000;

    /** Holds the server while it is used, which is until the end of the process. */
    private static final class Holder {
        static final RedisPeer PEER = start();
    }

    /** The server of this process's tests. */
    public static RedisPeer find() {
        String given = System.getenv("WEIR_TEST_REDIS_URL");
        return given == null ? Holder.PEER : new RedisPeer(URI.create(given));
    }

    /** The same server, reached at that address, which is the one of a proxy. */
    public RedisPeer at(URI proxy) {
        return new RedisPeer(redis(proxy.getHost(), proxy.getPort()));
    }

    /** As {@code weir.redis.url} has it. */
    public String url() {
        return server.toString();
    }

    private static URI redis(String host, int port) {
        return URI.create("redis://" + host + ":" + port);
    }

    private static RedisPeer start() {
        return DockerClientFactory.instance().isDockerAvailable() ? startContainer() : startProgram();
    }

    @SuppressWarnings("resource") // removed with this process
    private static RedisPeer startContainer() {
        List<String> command = new ArrayList<>(List.of("redis-server"));
        command.addAll(OPTIONS);
        GenericContainer<?> container = new GenericContainer<>(IMAGE)
                .withCommand(command.toArray(String[]::new))
                .withExposedPorts(PORT);
        container.start();
        return new RedisPeer(redis(container.getHost(), container.getMappedPort(PORT)));
    }

    private static RedisPeer startProgram() {
        Path program = Peers.program("redis-server", "redis-server");
        int port = Peers.freePort();
        try {
            Path directory = Files.createTempDirectory("redis");
            List<String> command = new ArrayList<>(List.of(
                    program.toString(), "--bind", "127.0.0.1", "--port", "" + port, "--dir", directory.toString()));
            command.addAll(OPTIONS);
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("redis.log").toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                process.destroyForcibly().onExit().join();
                Trees.remove(directory);
            }));
            await(process, port, directory.resolve("redis.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new RedisPeer(redis("127.0.0.1", port));
    }

    private static void await(Process process, int port, Path log) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!Peers.listens(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new AssertionError("redis-server does not listen: " + Files.readString(log));
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
