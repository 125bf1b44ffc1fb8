package io.weir.standalone.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.standalone.cli.client.FakeWeir.Answer;
import io.weir.standalone.cli.client.FakeWeir.Request;
import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportClientTest {

    private static final ImportTarget TARGET =
            new ImportTarget(ImportFormat.csv, "lab", "m", "s", "when", "host,room", "\t", true);
    private static final Answer ACCEPTED = Answer.of(202, status("queued", 0));
    private static final Answer DROPPED = new Answer(202, Map.of(), "{", true);
    private static final Answer NONE = Answer.of(200, "{\"imports\":[]}");

    @TempDir
    private Path directory;

    private final List<Duration> waits = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();

    static String status(String status, long rows) {
        return "{\"id\":\"i1\",\"idempotency_key\":\"k\",\"status\":\"" + status + "\",\"format\":\"csv\",\"database\":"
                + "\"lab\",\"bytes_total\":10,\"bytes_read\":" + rows + ",\"rows_stored\":" + rows
                + ",\"rows_rejected\":0,\"errors\":[],\"started_at\":null,\"finished_at\":null,\"failure\":null}";
    }

    private ImportFile file() throws IOException {
        return ImportFile.of(Files.writeString(directory.resolve("a.csv"), "when,host\n1,a\n"));
    }

    private static ImportFile stream() {
        return ImportFile.of("standard input", new ByteArrayInputStream("x".getBytes(StandardCharsets.UTF_8)));
    }

    private ImportClient client(FakeWeir weir) {
        return new ImportClient(
                new WeirHttp(ServerAddress.of(weir.url(), "secret")),
                new RetryPolicy(3, Duration.ofSeconds(5)),
                waits::add);
    }

    private final ImportClient.Listener listener = new ImportClient.Listener() {
        @Override
        public void sending(long bytes) {
            heard.add("sending " + bytes);
        }

        @Override
        public void running(ImportStatus status) {
            heard.add(status.status() + " " + status.rowsStored());
        }

        @Override
        public void waiting(String sentence, Duration wait) {
            heard.add(sentence);
        }
    };

    @Test
    void aFileArrivesWithTheTargetsWordsItsLengthAndItsKey() throws IOException {
        try (FakeWeir weir = FakeWeir.answering(ACCEPTED)) {
            ImportStatus status = client(weir).send(file(), TARGET, "k", listener);

            assertThat(status.id()).isEqualTo("i1");
            assertThat(status.isFinished()).isFalse();
            assertThat(weir.requests()).singleElement().satisfies(request -> {
                assertThat(request.path()).isEqualTo("/api/v1/import/csv");
                assertThat(request.query())
                        .isEqualTo("db=lab&measurement=m&precision=s&time_column=when&tags=host,room&delimiter=\t"
                                + "&accept_partial=false");
                assertThat(request.header("Idempotency-key")).isEqualTo("k");
                assertThat(request.header("Authorization")).isEqualTo("Bearer secret");
                assertThat(request.header("Content-length")).isEqualTo("14");
                assertThat(request.body()).isEqualTo("when,host\n1,a\n");
            });
        }
    }

    @Test
    void aFullServerIsAskedAgainAfterTheTimeItNamesUnderTheSameKey() throws IOException {
        Answer full = new Answer(503, Map.of("Retry-After", "3"), "{\"detail\":\"16 files wait\"}", false);
        try (FakeWeir weir = FakeWeir.answering(full, NONE, full, NONE, ACCEPTED)) {
            client(weir).send(file(), TARGET, "k", listener);

            assertThat(waits).containsExactly(Duration.ofSeconds(3), Duration.ofSeconds(3));
            assertThat(heard).contains("16 files wait");
            assertThat(weir.requests().stream().filter(r -> r.path().endsWith("/csv")))
                    .extracting(r -> r.header("Idempotency-key"))
                    .containsExactly("k", "k", "k");
        }
    }

    @Test
    void afterABrokenConnectionTheFileIsSentAgainOnlyWhenItHasNotArrived() throws IOException {
        try (FakeWeir weir = FakeWeir.answering(DROPPED, NONE, ACCEPTED)) {
            client(weir).send(file(), TARGET, "k", listener);
            assertThat(weir.requests())
                    .extracting(Request::path)
                    .containsExactly("/api/v1/import/csv", "/api/v1/import", "/api/v1/import/csv");
        }
        Answer others = Answer.of(
                200,
                "{\"imports\":[" + status("running", 1).replace("lab", "other").replace("i1", "i2") + ","
                        + status("running", 1) + "]}");
        try (FakeWeir weir = FakeWeir.answering(DROPPED, others)) {
            assertThat(client(weir).send(file(), TARGET, "k", listener).id()).isEqualTo("i1");
            assertThat(weir.requests()).hasSize(2);
        }
    }

    @Test
    void aStreamCannotBeSentAgainButMayHaveArrived() {
        try (FakeWeir weir = FakeWeir.answering(DROPPED, NONE)) {
            assertThatThrownBy(() -> client(weir).send(stream(), TARGET, "k", listener))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("A part of standard input was sent, and it cannot be read again");
        }
        try (FakeWeir weir =
                FakeWeir.answering(DROPPED, Answer.of(200, "{\"imports\":[" + status("queued", 0) + "]}"))) {
            assertThat(client(weir).send(stream(), TARGET, "k", listener).id()).isEqualTo("i1");
        }
    }

    @Test
    void whatTheServerRefusesIsNotSentAgain() throws IOException {
        try (FakeWeir weir = FakeWeir.answering(Answer.of(422, "{\"detail\":\"Idempotency-Key was used\"}"))) {
            ImportFile file = file();
            assertThatThrownBy(() -> client(weir).send(file, TARGET, "k", listener))
                    .isInstanceOfSatisfying(
                            CommandFailure.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.REFUSED))
                    .hasMessage("Weir refused a.csv (status 422): Idempotency-Key was used");
            assertThat(weir.requests()).hasSize(1);
        }
    }

    @Test
    void aServerThatWasNeverThereIsNotWaitedFor() throws IOException {
        FakeWeir weir = FakeWeir.answering(ACCEPTED);
        weir.close();
        ImportFile file = file();
        assertThatThrownBy(() -> client(weir).send(file, TARGET, "k", listener))
                .isInstanceOfSatisfying(
                        CommandFailure.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.UNREACHABLE));
        assertThat(waits).isEmpty();
    }

    @Test
    void aFileThatChangesItsLengthMeanwhileIsNotImported() throws IOException {
        ImportFile file = file();
        Files.writeString(directory.resolve("a.csv"), "when,host\n");
        try (FakeWeir weir = FakeWeir.answering(ACCEPTED)) {
            assertThatThrownBy(() -> client(weir).send(file, TARGET, "k", listener))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessage("a.csv cannot be read to its end (its length is no longer 14 bytes)");
        }
    }

    @Test
    void anImportIsFollowedToItsEndOverAnAbsenceOfTheServer() {
        Answer away = Answer.of(503, "{\"detail\":\"the server is stopping\"}");
        try (FakeWeir weir = FakeWeir.answering(
                Answer.of(200, status("queued", 0)),
                Answer.of(200, status("running", 3)),
                away,
                new Answer(200, Map.of(), "{", true),
                Answer.of(200, status("running", 5)),
                Answer.of(200, status("succeeded", 10)))) {
            ImportClient client = client(weir);
            ImportStatus end = client.follow(client.status("i1"), listener);

            assertThat(end.hasSucceeded()).isTrue();
            assertThat(heard.get(2)).isEqualTo("the server is stopping");
            assertThat(heard.get(3)).endsWith("broke off");
            heard.subList(2, 4).clear();
            assertThat(heard).containsExactly("queued 0", "running 3", "running 5", "succeeded 10");
        }
    }

    @Test
    void aServerThatStaysAwayIsGivenUp() {
        try (FakeWeir weir = FakeWeir.answering(Answer.of(200, status("running", 1)), Answer.of(503, "gone"))) {
            ImportClient client = client(weir);
            ImportStatus from = client.status("i1");
            assertThatThrownBy(() -> client.follow(from, listener))
                    .isInstanceOfSatisfying(
                            CommandFailure.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.UNREACHABLE));
            assertThat(weir.requests()).hasSize(5); // one, and one with three retries
        }
    }

    @Test
    void anImportNobodyKnowsOrAnAnswerThatIsNoneEndsIt() {
        try (FakeWeir weir = FakeWeir.answering(
                Answer.of(404, "{\"detail\":\"there is no import i1\"}"), Answer.of(200, "<html>"))) {
            ImportClient client = client(weir);
            assertThatThrownBy(() -> client.status("i1")).hasMessage("there is no import i1");
            assertThatThrownBy(() -> client.status("i1")).hasMessageEndingWith("not about an import (is it Weir?)");
        }
    }

    @Test
    void theNameOfAFileTellsItsFormat() {
        assertThat(ImportFormat.ofName("a/b.csv")).contains(ImportFormat.csv);
        assertThat(ImportFormat.ofName("B.CSV.GZ")).contains(ImportFormat.csv);
        assertThat(ImportFormat.ofName("day.lp.zst")).contains(ImportFormat.lp);
        assertThat(ImportFormat.ofName("x.parquet")).contains(ImportFormat.parquet);
        assertThat(ImportFormat.ofName("x.txt")).isEmpty();
        assertThat(ImportFormat.ofName("x.gz")).isEmpty();
    }
}
