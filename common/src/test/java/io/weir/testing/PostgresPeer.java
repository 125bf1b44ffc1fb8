package io.weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/**
 * A PostgreSQL, shared by the tests of a process: the one that {@code WEIR_TEST_POSTGRES_URL} names
 * ({@code postgresql://USER:PASSWORD@HOST:PORT/DATABASE}; the user may make schemas in it), else a container where Docker
 * runs, else PostgreSQL's own programs from what Maven resolved.
 *
 * @param server where it listens, as {@code tcp://HOST:PORT}
 * @param database an existing database
 * @param user owner of the database
 * @param password the user's
 */
public record PostgresPeer(URI server, String database, String user, String password) {

    private static final String IMAGE = "postgres:17.6-alpine";
    private static final String NAME = "weir";
    private static final String PASSWORD = "weir-secret";
    private static final int PORT = 5432;

    /** Holds the server while it is used, which is until the end of the process. */
    private static final class Holder {
        static final PostgresPeer PEER = start();
    }

    /** The server of this process's tests. */
    public static PostgresPeer find() {
        String given = System.getenv("WEIR_TEST_POSTGRES_URL");
        return given == null ? Holder.PEER : given(URI.create(given));
    }

    private static PostgresPeer given(URI url) {
        String[] user = url.getUserInfo().split(":", 2);
        int port = url.getPort() < 0 ? PORT : url.getPort();
        return new PostgresPeer(
                tcp(url.getHost(), port), url.getPath().substring(1), user[0], user.length == 1 ? "" : user[1]);
    }

    /** The same server, reached at that address, which is the one of a proxy. */
    public PostgresPeer at(URI proxy) {
        return new PostgresPeer(tcp(proxy.getHost(), proxy.getPort()), database, user, password);
    }

    /** As {@code weir.catalog.url} has it, without credentials: tables are in that schema, which need not be there yet. */
    public String url(String schema) {
        return "r2dbc:postgresql://" + server.getHost() + ":" + server.getPort() + "/" + database + "?schema=" + schema;
    }

    private static URI tcp(String host, int port) {
        return URI.create("tcp://" + host + ":" + port);
    }

    private static PostgresPeer start() {
        return DockerClientFactory.instance().isDockerAvailable() ? startContainer() : startProgram();
    }

    @SuppressWarnings("resource") // removed with this process
    private static PostgresPeer startContainer() {
        GenericContainer<?> container = new GenericContainer<>(IMAGE)
                .withEnv("POSTGRES_USER", NAME)
                .withEnv("POSTGRES_PASSWORD", PASSWORD)
                .withCommand("postgres", "-c", "max_connections=200")
                .withExposedPorts(PORT)
                .waitingFor(Wait.forLogMessage(".*ready to accept connections.*", 2));
        container.start();
        return new PostgresPeer(tcp(container.getHost(), container.getMappedPort(PORT)), NAME, NAME, PASSWORD);
    }

    private static PostgresPeer startProgram() {
        Path home = Peers.root().resolve("storage-adapters/test-peers/postgres");
        Path lib = home.resolve("target/lib");
        if (!Files.isDirectory(lib)) {
            throw Peers.missing(
                    "postgres",
                    "neither WEIR_TEST_POSTGRES_URL nor Docker, and " + lib
                            + " does not exist: build storage-adapters/test-peers/postgres");
        }
        Peers.found("postgres");
        int port = Peers.freePort();
        try {
            Path directory = Files.createTempDirectory(home.resolve("target"), "server");
            Path temporary = Files.createDirectory(directory.resolve("tmp"));
            ChildJvm server = ChildJvm.start(
                            lib + "/*",
                            List.of("-Xmx128m", "-XX:+UseSerialGC", "-Djava.io.tmpdir=" + temporary),
                            List.of(
                                    home.resolve("src/main/java/PostgresPeerMain.java")
                                            .toString(),
                                    "" + port,
                                    home.resolve("target/programs").toString(),
                                    directory.resolve("data").toString()))
                    .stopsWithItsInput()
                    .awaitOutput("ready");
            server.removeAtEnd(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new PostgresPeer(tcp("127.0.0.1", port), NAME, NAME, PASSWORD);
    }
}
