package io.weir.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.standalone.cli.client.FakeWeir;
import io.weir.standalone.cli.client.FakeWeir.Answer;
import io.weir.standalone.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLinesTest {

    private static final String RESULT = """
            {"success":true,"columns":["name","n","x"],"types":["VARCHAR","BIGINT","DOUBLE"],\
            "data":[["a",9007199254740993,1.50],[null,2,null],["[1, 2]",3,-0.5]],\
            "row_count":3,"execution_time_ms":12,"timestamp":"2026-03-14T00:00:00Z"}""";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private String standardInput = "";

    @Test
    void helpNamesEveryCommandAndExitCode() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("serve", "write", "import", "query", "demo", "WEIR_URL", "Exit codes");
        for (String command : new String[] {"serve", "write", "import", "query", "demo"}) {
            assertThat(run(command, "--help")).isZero();
        }
        assertThat(out.toString()).contains("Examples:", "weir write day.lp.gz --precision s");
    }

    @Test
    void versionIsPrinted() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("Weir ");
    }

    @Test
    void aWrongCommandLineIsExitCodeTwo() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("flush")).isEqualTo(2);
        assertThat(run("query")).isEqualTo(2);
        assertThat(run("query", "SELECT 1", "--format", "xml")).isEqualTo(2);
        assertThat(run("query", "SELECT 1", "--url", "localhost")).isEqualTo(2);
        assertThat(run("serve", "--port", "70000")).isEqualTo(2);
        assertThat(err.toString())
                .contains("Which command?", "Try: weir query --help", "is not the address of a server", "0 to 65535");
    }

    @Test
    void writeSendsAFileAndSaysHowMuch() throws IOException {
        Path file = Files.writeString(directory.resolve("a.lp"), "a f=1\nb f=2\n");
        try (FakeWeir weir = FakeWeir.answering(Answer.of(204, ""))) {
            assertThat(run("write", file.toString(), "--url", weir.url(), "--db", "plant", "--precision", "ms"))
                    .isZero();
            assertThat(out.toString()).startsWith("2 rows written in ");
            assertThat(weir.requests().get(0).query()).isEqualTo("db=plant&precision=ms&accept_partial=true");
        }
    }

    @Test
    void writeReadsGzipAndStandardInput() throws IOException {
        Path file = directory.resolve("a.lp.gz");
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
            gzip.write("a f=1\n".getBytes(StandardCharsets.UTF_8));
        }
        standardInput = "b f=1\n";
        try (FakeWeir weir = FakeWeir.answering(Answer.of(204, ""))) {
            assertThat(run("write", file.toString(), "--url", weir.url())).isZero();
            assertThat(run("write", "-", "--url", weir.url())).isZero();
            assertThat(weir.requests()).extracting(FakeWeir.Request::body).containsExactly("a f=1\n", "b f=1\n");
        }
    }

    @Test
    void writeExplainsRefusedLinesAndMissingFiles() throws IOException {
        Path file = Files.writeString(directory.resolve("a.lp"), "a f=1\nb\n");
        try (FakeWeir weir = FakeWeir.answering(Answer.of(400, """
                {"error":"partial write of line protocol occurred","data":[
                {"line_number":2,"error_message":"no fields","original_line":"b"}]}"""))) {
            assertThat(run("write", file.toString(), "--url", weir.url())).isEqualTo(1);
        }
        assertThat(out.toString()).startsWith("1 row written");
        assertThat(err.toString()).contains("Weir refused 1 line:\n  line 2: no fields\n      b");
        assertThat(run("write", directory.resolve("none.lp").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("There is no file ");
    }

    @Test
    void queryPrintsATable() {
        try (FakeWeir weir = FakeWeir.answering(Answer.of(200, RESULT))) {
            assertThat(run("query", "SELECT $a", "--url", weir.url(), "--db", "d", "--param", "a=1.5"))
                    .isZero();
            assertThat(weir.requests().get(0).body())
                    .isEqualTo("{\"sql\":\"SELECT $a\",\"db\":\"d\",\"params\":{\"a\":1.5},\"format\":\"json\"}");
        }
        assertThat(out.toString().lines())
                .containsExactly(
                        " name    |                n |      x",
                        " VARCHAR |           BIGINT | DOUBLE",
                        "---------+------------------+--------",
                        " a       | 9007199254740993 |   1.50",
                        " NULL    |                2 |   NULL",
                        " [1, 2]  |                3 |   -0.5",
                        "(3 rows, 12 ms)");
    }

    @Test
    void queryPrintsCsvAndJson() {
        try (FakeWeir weir = FakeWeir.answering(Answer.of(200, RESULT))) {
            assertThat(run("query", "SELECT 1", "--url", weir.url(), "-f", "csv"))
                    .isZero();
            assertThat(out).hasToString("name,n,x\na,9007199254740993,1.50\n,2,\n\"[1, 2]\",3,-0.5\n");
            assertThat(run("query", "SELECT 1", "--url", weir.url(), "-f", "json"))
                    .isZero();
            assertThat(out.toString()).endsWith(RESULT + System.lineSeparator());
        }
    }

    @Test
    void aResultIsWrittenToAFileWholeOrNotAtAll(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("room.parquet");
        try (FakeWeir weir = FakeWeir.answering(Answer.of(200, "PAR1 and so on"))) {
            for (String format : new String[] {"json", "ndjson", "csv", "arrow", "msgpack", "parquet"}) {
                assertThat(run("query", "SELECT 1", "--url", weir.url(), "-f", format, "-o", file.toString()))
                        .isZero();
                assertThat(weir.requests().get(weir.requests().size() - 1).body())
                        .isEqualTo("{\"sql\":\"SELECT 1\",\"format\":\"" + format + "\"}");
                assertThat(file).hasContent("PAR1 and so on");
            }
            assertThat(run("query", "SELECT 1", "--url", weir.url(), "-o", file.toString()))
                    .isEqualTo(2);
            assertThat(err.toString()).contains("--output does not take tables");
        }
        try (FakeWeir weir = FakeWeir.answering(new Answer(200, Map.of(), "PAR1 and no more", true))) {
            assertThat(run("query", "SELECT 1", "--url", weir.url(), "-f", "parquet", "-o", file.toString()))
                    .isEqualTo(1);
        }
        assertThat(file).hasContent("PAR1 and so on");
        assertThat(directory).isDirectoryContaining(path -> path.equals(file));
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void queryReadsTheStatementFromStandardInput() {
        standardInput = "SELECT 42";
        try (FakeWeir weir = FakeWeir.answering(Answer.of(200, "{\"n\":42}\n"))) {
            assertThat(run("query", "-", "--url", weir.url(), "-f", "ndjson", "--param", "x", "--param", "2"))
                    .isZero();
            assertThat(weir.requests().get(0).body())
                    .isEqualTo("{\"sql\":\"SELECT 42\",\"params\":[\"x\",2],\"format\":\"ndjson\"}");
        }
        assertThat(out).hasToString("{\"n\":42}\n");
    }

    @Test
    void anErrorPointsIntoTheStatement() {
        try (FakeWeir weir =
                FakeWeir.answering(Answer.of(400, "{\"detail\":\"column \\\"tmp\\\" is unknown\",\"position\":10}"))) {
            assertThat(run("query", "SELECT\n  tmp\nFROM room", "--url", weir.url()))
                    .isEqualTo(1);
        }
        assertThat(err).hasToString("weir: column \"tmp\" is unknown\n    tmp\n    ^\n");
    }

    @Test
    void aResultCutShortIsAFailureInEveryFormat() {
        Answer broken = new Answer(200, Map.of(), "{\"columns\":[\"n\"],\"types\":[\"BIGINT\"],\"data\":[[1],", true);
        Answer failed = Answer.of(200, "{\"n\":1}\n{\"$error\":{\"detail\":\"out of memory\",\"status\":500}}\n");
        for (String format : new String[] {"table", "csv", "json", "ndjson"}) {
            try (FakeWeir weir = FakeWeir.answering(broken)) {
                assertThat(run("query", "SELECT 1", "--url", weir.url(), "-f", format))
                        .as(format)
                        .isEqualTo(1);
            }
        }
        assertThat(err.toString()).contains("The answer ended before it was complete");
        try (FakeWeir weir = FakeWeir.answering(failed)) {
            assertThat(run("query", "SELECT 1", "--url", weir.url(), "-f", "ndjson"))
                    .isEqualTo(1);
        }
        assertThat(out.toString()).endsWith("{\"n\":1}\n");
        assertThat(err.toString()).contains("failed after it had begun", "out of memory");
    }

    @Test
    void noServerIsExitCodeThree() {
        String url;
        try (FakeWeir weir = FakeWeir.answering(Answer.of(204, ""))) {
            url = weir.url();
        }
        assertThat(run("query", "SELECT 1", "--url", url)).isEqualTo(3);
        assertThat(err.toString()).startsWith("weir: Cannot reach Weir at " + url);
    }

    private int run(String... arguments) {
        Terminal terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), false, false);
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
}
