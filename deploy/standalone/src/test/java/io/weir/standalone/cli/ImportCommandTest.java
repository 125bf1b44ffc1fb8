package io.weir.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.standalone.cli.client.FakeWeir;
import io.weir.standalone.cli.client.FakeWeir.Answer;
import io.weir.standalone.cli.client.ImportFile;
import io.weir.standalone.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private String standardInput = "";

    private static Answer ended(String status, long rows, long rejected, String more) {
        return Answer.of(
                202, // what the routes answer a file with; the same document is there at its address
                "{\"id\":\"i1\",\"status\":\"" + status
                        + "\",\"format\":\"csv\",\"database\":\"default\",\"bytes_total\":9,"
                        + "\"bytes_read\":9,\"rows_stored\":" + rows + ",\"rows_rejected\":" + rejected
                        + ",\"started_at\":\"2026-01-01T00:00:00Z\",\"finished_at\":\"2026-01-01T00:00:02Z\"," + more
                        + "}");
    }

    private int run(String... arguments) {
        return run(false, arguments);
    }

    private int run(boolean interactive, String... arguments) {
        Terminal terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), interactive, false);
        int exitCode = CommandLines.of(
                        terminal,
                        new ByteArrayInputStream(standardInput.getBytes(StandardCharsets.UTF_8)),
                        options -> {
                            throw new IllegalStateException("no server in this test");
                        },
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

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    @Test
    void filesAreImportedOneAfterTheOther() throws IOException {
        String csv = file("a.csv", "time,v\n1,2\n");
        String lp = file("b.lp", "m v=1\n");
        standardInput = "m v=2\n";
        try (FakeWeir weir = FakeWeir.answering(ended("succeeded", 1_000, 0, "\"errors\":[]"))) {
            assertThat(run(
                            "import",
                            csv,
                            "-m",
                            "x",
                            "--tags",
                            "a,b",
                            "--tags",
                            "c",
                            "--database",
                            "lab",
                            "--url",
                            weir.url()))
                    .isZero();
            assertThat(run("import", lp, "-", "-f", "lp", "--url", weir.url(), "--precision", "ms"))
                    .isZero();
            assertThat(weir.requests())
                    .extracting(FakeWeir.Request::body)
                    .containsExactly("time,v\n1,2\n", "m v=1\n", "m v=2\n");
            assertThat(weir.requests().get(0).query()).isEqualTo("db=lab&measurement=x&tags=a,b,c");
            assertThat(weir.requests().get(1).query()).isEqualTo("precision=ms");
            assertThat(weir.requests())
                    .extracting(request -> request.header("Idempotency-key"))
                    .doesNotHaveDuplicates();
        }
        assertThat(out.toString().lines())
                .containsExactly(
                        "a.csv: 1,000 rows imported in 2.0 s (500 rows/s).",
                        "b.lp: 1,000 rows imported in 2.0 s (500 rows/s).",
                        "standard input: 1,000 rows imported in 2.0 s (500 rows/s).");
        assertThat(err.toString().lines()).contains("Importing a.csv  100%  1,000 rows, 0 rows/s");
    }

    @Test
    void rejectedRowsAreShownAndAreExitCodeOneButDoNotEndTheCommand() throws IOException {
        String errors =
                "\"errors\":[{\"line_number\":5002,\"error_message\":\"time is odd\",\"original_line\":\"x,1\"}]";
        try (FakeWeir weir =
                FakeWeir.answering(ended("succeeded", 7, 3, errors), ended("succeeded", 8, 0, "\"errors\":[]"))) {
            assertThat(run("import", file("a.lp", "x"), file("b.lp", "y"), "--quiet", "--url", weir.url()))
                    .isEqualTo(1);
            assertThat(weir.requests()).hasSize(2);
        }
        assertThat(out.toString()).isEmpty();
        assertThat(err)
                .hasToString("Weir rejected 3 rows of a.lp:\n  line 5,002: time is odd\n      x,1\n  … and 2 more\n");
    }

    @Test
    void aFailedImportEndsTheCommandAndSaysWhatIsStored() throws IOException {
        try (FakeWeir weir =
                FakeWeir.answering(ended("failed", 7, 0, "\"errors\":[],\"failure\":\"the disk is gone\""))) {
            assertThat(run("import", file("a.lp", "x"), file("b.lp", "y"), "--url", weir.url()))
                    .isEqualTo(1);
            assertThat(weir.requests()).hasSize(1);
        }
        assertThat(err.toString())
                .endsWith("weir: The import of a.lp failed: the disk is gone; 7 rows of it are stored\n");
        try (FakeWeir weir = FakeWeir.answering(ended("cancelled", 7, 0, "\"errors\":[]"))) {
            assertThat(run("import", file("a.lp", "x"), "--url", weir.url())).isEqualTo(1);
        }
        assertThat(err.toString()).endsWith("The import of a.lp was cancelled; 7 rows of it are stored\n");
    }

    @Test
    void anImportThatRunsCanBeFollowed() {
        try (FakeWeir weir = FakeWeir.answering(
                Answer.of(200, ended("running", 5, 0, "\"errors\":[]").body()),
                Answer.of(200, ended("succeeded", 9, 0, "\"errors\":[]").body()))) {
            assertThat(run("import", "--follow", "i1", "--url", weir.url())).isZero();
            assertThat(weir.requests()).extracting(FakeWeir.Request::path).containsOnly("/api/v1/import/i1");
        }
        assertThat(out.toString()).startsWith("import i1: 9 rows imported");
    }

    @Test
    void aPersonSeesABar() throws IOException {
        try (FakeWeir weir = FakeWeir.answering(ended("succeeded", 9, 0, "\"errors\":[]"))) {
            assertThat(run(true, "import", file("a.lp", "x"), "--url", weir.url()))
                    .isZero();
        }
        assertThat(err.toString()).contains("\r\u001b[KImporting a.lp  ############################## 100%  9 rows");
    }

    @Test
    void aWrongCommandLineIsExitCodeTwoAndNothingIsSent() throws IOException {
        String csv = file("a.csv", "time,v\n1,2\n");
        String lp = file("b.lp", "m v=1\n");
        String text = file("c.txt", "m v=1\n");
        try (FakeWeir weir = FakeWeir.answering(ended("succeeded", 9, 0, "\"errors\":[]"))) {
            String[][] wrong = {
                {},
                {lp, "--follow", "i1"},
                {lp, csv},
                {lp, text},
                {lp, "-"},
                {lp, "--measurement", "x"},
                {lp, "--tags", "x"},
                {lp, lp, "--idempotency-key", "k"},
                {"-", "-", "-f", "lp"},
                {lp, directory.resolve("none.lp").toString()},
                {lp, directory.toString(), "-f", "lp"},
                {lp, "-f", "xml"},
            };
            for (String[] arguments : wrong) {
                String[] all = new String[arguments.length + 3];
                all[0] = "import";
                System.arraycopy(arguments, 0, all, 1, arguments.length);
                all[arguments.length + 1] = "--url";
                all[arguments.length + 2] = weir.url();
                assertThat(run(all)).as(String.join(" ", all)).isEqualTo(2);
            }
            assertThat(weir.requests()).isEmpty();
        }
        assertThat(err.toString())
                .contains(
                        "Which file? (expected: files,",
                        "Where do the rows of " + csv + " go? (expected: --measurement NAME)",
                        "The format of " + text + " is not told by its name",
                        "The format of standard input is not told by its name",
                        "Line protocol names measurements",
                        "--idempotency-key goes with one file (given: 2)",
                        "Standard input can be read once",
                        "There is no file",
                        "is a directory (expected: a file)");
    }

    @Test
    void whoeverLeavesIsToldHowToGoOn() throws IOException {
        Terminal terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), false, false);
        ImportFile file = ImportFile.of(Path.of(file("a.lp", "x")));
        ImportWatch watch = ImportWatch.sending(terminal, "http://h:1", file, "k1", false);
        assertThat(watch.howToGoOn()).contains("a.lp was being sent", "--idempotency-key k1");
        assertThat(ImportWatch.running(terminal, "http://h:1", "i1", false).howToGoOn())
                .contains("weir import --follow i1 --url http://h:1", "curl -X DELETE http://h:1/api/v1/import/i1");
    }
}
