package io.weir.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.standalone.cli.client.FakeWeir;
import io.weir.standalone.cli.client.FakeWeir.Answer;
import io.weir.standalone.cli.client.FakeWeir.Request;
import io.weir.standalone.cli.terminal.Terminal;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TokenCommandTest {

    private static final String ID = "0123456789abcdef01234567";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private TokenRecoverer recoverer = (options, name) -> {
        throw new IllegalStateException("no recovery in this test");
    };

    private int run(Answer answer, String... arguments) {
        try (FakeWeir weir = new FakeWeir(request -> {
            requests.add(request);
            return answer;
        })) {
            return run(Stream.concat(Arrays.stream(arguments), Stream.of("--url", weir.url(), "--token", "t"))
                    .toArray(String[]::new));
        }
    }

    private int run(String... arguments) {
        Terminal terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), false, false);
        int exitCode = CommandLines.of(
                        terminal,
                        InputStream.nullInputStream(),
                        options -> {
                            throw new IllegalStateException("no server in this test");
                        },
                        (options, findings) -> {
                            throw new IllegalStateException("no check in this test");
                        },
                        (options, name) -> recoverer.recover(options, name),
                        new NoBackups())
                .execute(arguments);
        terminal.flush();
        return exitCode;
    }

    @Test
    void aNewTokenIsAloneOnStandardOutput() {
        assertThat(run(
                        Answer.of(201, "{\"id\":\"" + ID + "\",\"token\":\"weir_x\"}"),
                        "token",
                        "create",
                        "gateway",
                        "--allow",
                        "read,write:fleet_*",
                        "--allow",
                        "admin:lab",
                        "--expires-in",
                        "90d",
                        "--org",
                        "acme",
                        "--operator"))
                .isZero();
        assertThat(out).hasToString("weir_x\n");
        assertThat(err.toString()).contains(ID, "shown this once");
        assertThat(requests.get(0).path()).isEqualTo("/api/v1/auth/tokens");
        assertThat(requests.get(0).body())
                .contains(
                        "\"name\":\"gateway\"",
                        "\"permissions\":\"read,write:fleet_*;admin:lab\"",
                        "\"expires_in\":\"90d\"",
                        "\"organization\":\"acme\"",
                        "\"operator\":true");
    }

    @Test
    void aListIsATableWithoutSecrets() {
        assertThat(run(
                        Answer.of(
                                200,
                                "{\"tokens\":[{\"id\":\"" + ID + "\",\"name\":\"gateway\",\"permissions\":"
                                        + "[{\"database\":\"fleet_*\",\"allow\":[\"read\",\"write\"]}],\"operator\":false,"
                                        + "\"expires_at\":null,\"revoked_at\":\"2027-01-01T00:00:00Z\"}]}"),
                        "token",
                        "list"))
                .isZero();
        assertThat(out.toString()).contains(ID, "gateway", "read,write:fleet_*", "revoked");
    }

    @Test
    void rotatingAndRevokingNameTheToken() {
        assertThat(run(
                        Answer.of(200, "{\"id\":\"" + ID + "\",\"token\":\"weir_y\"}"),
                        "token",
                        "rotate",
                        ID,
                        "--grace",
                        "10m"))
                .isZero();
        assertThat(out).hasToString("weir_y\n");
        assertThat(run(Answer.of(200, "{}"), "token", "revoke", ID)).isZero();
        assertThat(requests)
                .extracting(Request::path)
                .containsExactly("/api/v1/auth/tokens/" + ID + "/rotate", "/api/v1/auth/tokens/" + ID + "/revoke");
        assertThat(requests.get(0).body()).isEqualTo("{\"grace\":\"10m\"}");
        assertThat(run("token", "revoke", "../organizations")).isEqualTo(2);
        assertThat(err.toString()).contains("is not the id of a token");
    }

    @Test
    void aRefusalIsASentence() {
        assertThat(run(
                        Answer.of(403, "{\"detail\":\"this token does not look after its organisation\"}"),
                        "token",
                        "list"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("weir: this token does not look after its organisation");
    }

    @Test
    void recoveryIsOfTheDataDirectory() {
        List<String> recovered = new ArrayList<>();
        recoverer = (options, name) -> {
            recovered.add(options.data() + " " + name);
            return "weir_z";
        };
        assertThat(run("token", "recover", "--data", "d")).isZero();
        assertThat(out).hasToString("weir_z\n");
        assertThat(recovered).containsExactly("d recovered operator");
        recoverer = (options, name) -> {
            throw new WeirException(
                    CommonError.CONFIGURATION, "the data directory d is in use by another Weir process");
        };
        assertThat(run("token", "recover", "--data", "d")).isEqualTo(1);
        assertThat(err.toString()).contains("No token could be made: the data directory d is in use");
    }

    @Test
    void theGroupAsksForACommand() {
        assertThat(run("token")).isEqualTo(2);
        assertThat(err.toString()).contains("Which command? One of create, list, rotate, revoke, recover.");
    }
}
