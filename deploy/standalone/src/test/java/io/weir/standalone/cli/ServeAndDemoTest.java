package io.weir.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.standalone.cli.client.FakeWeir;
import io.weir.standalone.cli.client.FakeWeir.Answer;
import io.weir.standalone.cli.client.FakeWeir.Request;
import io.weir.standalone.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeAndDemoTest {

    private static final String COUNT = "SELECT count(*) FROM";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<ServeOptions> started = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();

    @Test
    void servePassesItsOptionsOn() throws IOException {
        Path config = Files.createFile(directory.resolve("weir.yaml"));
        assertThat(run(
                        launcher(7),
                        "serve",
                        "--port",
                        "0",
                        "--data",
                        "d",
                        "--config",
                        config.toString(),
                        "--set",
                        "a.b=1",
                        "--set",
                        "c=x=y"))
                .isZero();
        assertThat(started).singleElement().satisfies(options -> {
            assertThat(options.port()).isZero();
            assertThat(options.data()).isEqualTo(Path.of("d"));
            assertThat(options.config()).contains(config);
            assertThat(options.properties()).containsExactly(Map.entry("a.b", "1"), Map.entry("c", "x=y"));
        });
        assertThat(stopped).isTrue();
    }

    @Test
    void serveDefaultsAreThoseOfTheHelp() {
        assertThat(run(launcher(7), "serve")).isZero();
        assertThat(started.get(0).port()).isEqualTo(8086);
        assertThat(started.get(0).data()).isEqualTo(Path.of("./data"));
        assertThat(started.get(0).config()).isEmpty();
    }

    @Test
    void everyRoleHasItsPortUnlessOneIsGiven() { // issue 5 item 6
        assertThat(run(launcher(7), "serve", "--role", "ingest")).isZero();
        assertThat(run(launcher(7), "serve", "--role", "QUERY")).isZero();
        assertThat(run(launcher(7), "serve", "--role", "query", "--port", "9")).isZero();
        assertThat(started.stream().map(ServeOptions::role))
                .containsExactly(ServeRole.INGEST, ServeRole.QUERY, ServeRole.QUERY);
        assertThat(started.stream().map(ServeOptions::port)).containsExactly(8086, 8087, 9);
        assertThat(run(launcher(7), "serve", "--role", "both")).isEqualTo(2);
        assertThat(err.toString()).contains("--role", "[STANDALONE, INGEST, QUERY]");
        assertThat(run(launcher(7), "serve", "--help")).isZero();
        assertThat(out.toString()).contains("standalone, ingest, query");
    }

    @Test
    void aServerThatCannotStartSaysWhyInOneSentence() {
        RuntimeException locked = new IllegalStateException(
                "bean", new WeirException(CommonError.STORAGE_UNAVAILABLE, "data directory d is locked by process 12"));
        assertThat(run(failing(locked), "serve")).isEqualTo(1);
        assertThat(err).hasToString("weir: Weir cannot start: data directory d is locked by process 12\n");

        err.getBuffer().setLength(0);
        assertThat(run(failing(new IllegalStateException(new BindException("in use"))), "serve"))
                .isEqualTo(1);
        assertThat(err.toString()).startsWith("weir: Port 8086 is in use by another process");

        err.getBuffer().setLength(0);
        assertThat(run(failing(new IllegalStateException("a", new IllegalArgumentException("bad key"))), "serve"))
                .isEqualTo(1);
        assertThat(err).hasToString("weir: Weir cannot start: bad key (IllegalArgumentException)\n");
        assertThat(run(launcher(7), "serve", "--config", "none.yaml")).isEqualTo(2);
    }

    @Test
    void demoWritesAsksAndStops() {
        AtomicLong rows = new AtomicLong();
        try (FakeWeir weir = new FakeWeir(request -> respond(request, rows))) {
            assertThat(run(launcher(weir.port()), "demo", "--exit", "--port", "0", "--data", directory.toString()))
                    .isZero();
        }
        assertThat(rows).hasValue(66_178);
        assertThat(stopped).isTrue();
        assertThat(started.get(0).properties()).containsKey("logging.file.name");
        assertThat(out.toString())
                .contains("66,178 rows", "5. Where was the truck", "(1 row, 3 ms)", "The server has stopped");
        assertThat(err.toString()).contains("Writing  100%");
    }

    @Test
    void aSecondDemoWritesNothing() {
        AtomicLong rows = new AtomicLong();
        try (FakeWeir weir =
                new FakeWeir(request -> request.body().contains(COUNT) ? result("99999999") : respond(request, rows))) {
            assertThat(run(launcher(weir.port()), "demo", "--exit", "--port", "0", "--data", directory.toString()))
                    .isZero();
        }
        assertThat(rows).hasValue(0);
        assertThat(out.toString()).contains("already holds the sample's 66,178 rows; nothing was written.");
    }

    @Test
    void demoFailsInASentenceAndStopsItsServer() throws IOException {
        try (FakeWeir weir = FakeWeir.answering(Answer.of(500, "{\"detail\":\"disk on fire\"}"))) {
            assertThat(run(launcher(weir.port()), "demo", "--exit", "--port", "0"))
                    .isEqualTo(1);
        }
        assertThat(err.toString()).contains("weir: disk on fire");
        assertThat(stopped).isTrue();
        try (ServerSocket taken = new ServerSocket(0)) {
            assertThat(run(launcher(7), "demo", "--port", Integer.toString(taken.getLocalPort())))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("Port " + taken.getLocalPort() + " is in use");
        }
    }

    private static Answer respond(Request request, AtomicLong rows) {
        if (request.path().equals("/api/v3/write_lp")) {
            rows.addAndGet(request.body().lines().count());
            return Answer.of(204, "");
        }
        if (request.path().equals("/api/v1/flush")) {
            return Answer.of(404, "{\"detail\":\"no such route\"}");
        }
        return request.body().contains(COUNT) ? Answer.of(404, "{\"detail\":\"unknown\"}") : result("1");
    }

    private static Answer result(String cell) {
        return Answer.of(
                200,
                "{\"success\":true,\"columns\":[\"n\"],\"types\":[\"BIGINT\"],\"data\":[[" + cell
                        + "]],\"row_count\":1,\"execution_time_ms\":3}");
    }

    private ServerLauncher launcher(int port) {
        return options -> {
            started.add(options);
            return new RunningServer() {
                @Override
                public int port() {
                    return port;
                }

                @Override
                public void awaitStop() {}

                @Override
                public void close() {
                    stopped.set(true);
                }
            };
        };
    }

    private static ServerLauncher failing(RuntimeException failure) {
        return options -> {
            throw failure;
        };
    }

    private int run(ServerLauncher launcher, String... arguments) {
        Terminal terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), false, false);
        int exitCode = CommandLines.of(
                        terminal,
                        InputStream.nullInputStream(),
                        launcher,
                        (options, findings) -> {
                            throw new IllegalStateException("no check in this test");
                        },
                        (options, name) -> {
                            throw new IllegalStateException("no recovery in this test");
                        },
                        new NoBackups())
                .execute(arguments);
        terminal.flush();
        return exitCode;
    }
}
