package io.weir.standalone.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.standalone.cli.client.ServerProblem.LineError;
import org.junit.jupiter.api.Test;

class ServerProblemTest {

    @Test
    void problemDocumentSpeaksByItsDetail() {
        ServerProblem problem = ServerProblem.of(400, """
                {"type":"urn:weir:problem:sql","title":"Bad SQL","status":400,"detail":"no such column","position":7}""");

        assertThat(problem.sentence()).isEqualTo("no such column");
        assertThat(problem.position()).hasValue(7);
        assertThat(problem.partial()).isFalse();
    }

    @Test
    void influx3PartialWriteListsItsLines() {
        ServerProblem problem = ServerProblem.of(400, """
                {"error":"partial write of line protocol occurred","data":[
                {"line_number":2,"error_message":"bad field","original_line":"b f="}]}""");

        assertThat(problem.partial()).isTrue();
        assertThat(problem.lines()).containsExactly(new LineError(2, "bad field", "b f="));
    }

    @Test
    void influx3SingleErrorObjectIsALineToo() {
        ServerProblem problem = ServerProblem.of(400, """
                {"error":"parsing failed","data":{"line_number":1,"error_message":"m","original_line":"o"}}""");

        assertThat(problem.partial()).isFalse();
        assertThat(problem.lines()).containsExactly(new LineError(1, "m", "o"));
    }

    @Test
    void influx2NamesItsLine() {
        ServerProblem problem =
                ServerProblem.of(400, "{\"code\":\"invalid\",\"message\":\"unable to parse\",\"line\":3}");

        assertThat(problem.lines()).containsExactly(new LineError(3, "unable to parse", ""));
    }

    @Test
    void influx1PartialWriteIsRecognised() {
        ServerProblem problem = ServerProblem.of(400, "{\"error\":\"partial write: field type conflict dropped=2\"}");

        assertThat(problem.partial()).isTrue();
        assertThat(LineNumbers.dropped(problem.sentence())).isEqualTo(2);
    }

    @Test
    void otherTextIsShownAsItIs() {
        assertThat(ServerProblem.of(502, "<html>Bad gateway</html>").sentence()).isEqualTo("<html>Bad gateway</html>");
        assertThat(ServerProblem.of(500, "").sentence()).isEqualTo("status 500 without an explanation");
        assertThat(ServerProblem.of(500, "{}").sentence()).isEqualTo("status 500 without an explanation");
    }

    @Test
    void lineNumbersInSentencesAreShifted() {
        assertThat(LineNumbers.shift("timestamp \"12x\" at line 3, column 41 (line 4)", 100))
                .isEqualTo("timestamp \"12x\" at line 103, column 41 (line 104)");
        assertThat(LineNumbers.shift("online 3 deadline 4", 100)).isEqualTo("online 3 deadline 4");
    }
}
