package io.weir.standalone.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.standalone.cli.client.FakeWeir.Answer;
import io.weir.standalone.cli.client.FakeWeir.Request;
import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LineProtocolUploadTest {

    private static final Answer STORED = Answer.of(204, "");
    private static final String SIX_LINES = "a f=1\nb f=2\nc f=3\nd f=4\ne f=5\ng f=6\n";

    private final List<Duration> waits = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();

    @Test
    void linesArriveInOrderWithTheTargetsWords() {
        try (FakeWeir weir = FakeWeir.answering(STORED)) {
            UploadReport report = send(weir, SIX_LINES, 4, false);

            assertThat(report.storedPoints()).isEqualTo(6);
            assertThat(weir.requests())
                    .extracting(Request::body)
                    .containsExactly("a f=1\nb f=2\nc f=3\nd f=4\n", "e f=5\ng f=6\n");
            assertThat(weir.requests().get(0).path()).isEqualTo("/api/v3/write_lp");
            assertThat(weir.requests().get(0).query()).isEqualTo("db=plant one&precision=s&accept_partial=true");
            assertThat(weir.requests().get(0).header("Authorization")).isEqualTo("Bearer secret");
            assertThat(weir.requests())
                    .extracting(r -> r.header("Idempotency-key"))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void compressedSourcesAreSentCompressed() {
        try (FakeWeir weir = FakeWeir.answering(STORED)) {
            send(weir, SIX_LINES, 10, true);

            assertThat(weir.requests()).singleElement().satisfies(request -> {
                assertThat(request.header("Content-encoding")).isEqualTo("gzip");
                assertThat(request.body()).isEqualTo(SIX_LINES);
            });
        }
    }

    @Test
    void aFullServerIsAskedAgainAfterTheTimeItNames() {
        Answer full = new Answer(503, Map.of("Retry-After", "3"), "{\"detail\":\"the buffers are full\"}", false);
        try (FakeWeir weir = FakeWeir.answering(full, full, STORED)) {
            UploadReport report = send(weir, SIX_LINES, 10, false);

            assertThat(report.storedPoints()).isEqualTo(6);
            assertThat(waits).containsExactly(Duration.ofSeconds(3), Duration.ofSeconds(3));
            assertThat(reasons).containsOnly("the buffers are full");
            assertThat(weir.requests())
                    .extracting(r -> r.header("Idempotency-key"))
                    .containsOnly(weir.requests().get(0).header("Idempotency-key"));
        }
    }

    @Test
    void aServerThatStaysFullEndsTheUpload() {
        Answer full = new Answer(429, Map.of("Retry-After", "1"), "{\"detail\":\"too many requests\"}", false);
        try (FakeWeir weir = FakeWeir.answering(STORED, full)) {
            assertThatThrownBy(() -> send(weir, SIX_LINES, 4, false))
                    .hasMessage("Weir refused lines 5 to 6 (status 429): too many requests\n"
                            + "4 rows before line 5 are stored; nothing after it was sent.");
            assertThat(waits).hasSize(2);
        }
    }

    @Test
    void badLinesAreNamedByTheirPlaceInTheFile() {
        Answer partial = Answer.of(400, """
                {"error":"partial write of line protocol occurred","data":[
                {"line_number":2,"error_message":"bad time at line 2, column 7","original_line":"g f=6"}]}""");
        try (FakeWeir weir = FakeWeir.answering(STORED, partial)) {
            UploadReport report = send(weir, SIX_LINES, 4, false);

            assertThat(report.storedPoints()).isEqualTo(5);
            assertThat(report.refusedPoints()).isEqualTo(1);
            assertThat(report.errorLines()).isEqualTo("\n  line 6: bad time at line 6, column 7\n      g f=6");
        }
    }

    @Test
    void droppedPointsWithoutLineNumbersAreCounted() {
        try (FakeWeir weir = FakeWeir.answering(Answer.of(400, "{\"error\":\"partial write: bad dropped=2\"}"))) {
            UploadReport report = send(weir, SIX_LINES, 10, false);

            assertThat(report.storedPoints()).isEqualTo(4);
            assertThat(report.refusedPoints()).isEqualTo(2);
        }
    }

    @Test
    void badLinesBeyondTheDescribedOnesAreCounted() {
        Answer partial = Answer.of(400, """
                {"code":"partial-write","detail":"3 of 6 lines were rejected","accepted":3,"rejected":3,"data":[
                {"line_number":1,"error_message":"bad","original_line":"a f=1"}]}""");
        try (FakeWeir weir = FakeWeir.answering(partial)) {
            UploadReport report = send(weir, SIX_LINES, 10, false);

            assertThat(report.storedPoints()).isEqualTo(3);
            assertThat(report.errorLines()).isEqualTo("\n  line 1: bad\n      a f=1\n  … and 2 more");
        }
    }

    @Test
    void aRequestRefusedAsAWholeStopsTheUpload() {
        try (FakeWeir weir = FakeWeir.answering(Answer.of(401, "{\"detail\":\"a token is required\"}"))) {
            assertThatThrownBy(() -> send(weir, SIX_LINES, 2, false))
                    .hasMessage("Weir refused lines 1 to 2 (status 401): a token is required\n"
                            + "Pass a token with --token or in WEIR_TOKEN.");
            assertThat(weir.requests()).hasSize(1);
        }
    }

    @Test
    void noServerIsOneSentence() {
        String url;
        try (FakeWeir weir = FakeWeir.answering(STORED)) {
            url = weir.url();
        }
        assertThatThrownBy(() -> upload(url).send(chunks("a f=1\n", 1), false, listener()))
                .hasMessage("Cannot reach Weir at " + url + " (is it running? start it with ./weir serve)")
                .isInstanceOfSatisfying(
                        CommandFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.UNREACHABLE));
    }

    @Test
    void eachEndpointIsSpokenToInItsOwnWords() {
        assertThat(new WriteTarget("/api/v2/write", "b", "ns", false).parameters())
                .containsEntry("bucket", "b")
                .doesNotContainKey("accept_partial");
        assertThat(new WriteTarget("/write", "b", "", true).parameters())
                .containsEntry("db", "b")
                .doesNotContainKey("accept_partial");
        assertThat(new WriteTarget("/api/v1/write/line-protocol", "", "", true).parameters())
                .containsEntry("accept_partial", "false");
    }

    private UploadReport send(FakeWeir weir, String lines, int maxLines, boolean gzip) {
        return upload(weir.url()).send(chunks(lines, maxLines), gzip, listener());
    }

    private LineProtocolUpload upload(String url) {
        return new LineProtocolUpload(
                new WeirHttp(ServerAddress.of(url + "/", "secret")),
                new WriteTarget(WriteTarget.DEFAULT_ENDPOINT, "plant one", "s", false),
                new RetryPolicy(2, Duration.ofMinutes(1)),
                wait -> {});
    }

    private static LineChunks chunks(String lines, int maxLines) {
        return new LineChunks(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), maxLines, 1_024);
    }

    private LineProtocolUpload.Listener listener() {
        return new LineProtocolUpload.Listener() {
            @Override
            public void advanced(UploadReport soFar) {}

            @Override
            public void waiting(String sentence, Duration wait) {
                reasons.add(sentence);
                waits.add(wait);
            }
        };
    }
}
