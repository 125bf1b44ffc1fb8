package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** NDJSON over the wire: what is stored, and how it says no. */
class NdjsonIT {

    private static final String ROUTE = "/api/v1/write/ndjson?measurement=m&tags=host&precision=s&db=";
    private static final String GOOD_AND_BAD = "{\"time\":1700000000,\"host\":\"a\",\"v\":1.5}\r\n\n"
            + "{\"time\":1700000001,\"host\":\"a\",\"v\":\"warm\"}\n"
            + "{\"time\":\"2023-11-14T22:13:22.000000001Z\",\"host\":\"b\",\"v\":3,\"note\":null}\n";

    @TempDir
    static Path data;

    private static WeirProcess server;

    @BeforeAll
    static void start() {
        server = WeirProcess.serve(data, "weir.ingest.max-ndjson=1MB");
    }

    @AfterAll
    static void stop() {
        assertThat(server.output()).doesNotContain("LEAK", "BlockingOperation");
        server.close();
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Sql.JSON.readTree(answer.body());
    }

    @Test
    void goodLinesAreStoredAndBadOnesTold() { // LESSONS 17, 61, 64
        HttpResponse<String> answer = server.post(ROUTE + "n1", GOOD_AND_BAD);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).contains("application/problem+json");
        assertThat(json(answer).get("code").asString()).isEqualTo("partial-write");
        assertThat(json(answer).get("accepted").asInt()).isEqualTo(2);
        assertThat(json(answer).get("rejected").asInt()).isEqualTo(1);
        JsonNode line = json(answer).get("data").get(0);
        assertThat(line.get("line_number").asInt()).isEqualTo(3);
        assertThat(line.get("original_line").asString())
                .isEqualTo("{\"time\":1700000001,\"host\":\"a\",\"v\":\"warm\"}");
        assertThat(line.get("error_message").asString())
                .isEqualTo("field \"v\" is float but the value is string at line 3, column 35 (expected: float)");
        String rows = "SELECT host, v, epoch(time)::BIGINT FROM m ORDER BY host";
        assertThat(Sql.rows(server, "n1", rows)).hasToString("[[\"a\",1.5,1700000000], [\"b\",3.0,1700000002]]");
        assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
        assertThat(Sql.rows(server, "n1", rows)).hasToString("[[\"a\",1.5,1700000000], [\"b\",3.0,1700000002]]");
        assertThat(Sql.rows(server, "n1", "DESCRIBE m").toString()).doesNotContain("note");
    }

    @Test
    void aBodyIsRefusedAsAWholeWhenAskedTo() {
        HttpResponse<String> answer = server.post(ROUTE + "n2&accept_partial=false", GOOD_AND_BAD);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).get("code").asString()).isEqualTo("invalid-ndjson");
        assertThat(json(answer).get("detail").asString()).startsWith("1 of 3 lines were rejected, nothing stored;");
        String long2 = "{\"m\":\"m\",\"tags\":{\"host\":\"z\"},\"fields\":{\"v\":1}}";
        assertThat(server.post("/api/v1/write/ndjson?db=n2", long2).statusCode())
                .isEqualTo(204);
        assertThat(Sql.number(server, "n2", "SELECT count(*) FROM m")).isEqualTo(1);
    }

    @Test
    void parametersAndSizesAreChecked() {
        HttpResponse<String> reserved = server.post("/api/v1/write/ndjson?db=n3&measurement=_m", "{\"v\":1}");
        assertThat(reserved.statusCode()).isEqualTo(400);
        assertThat(json(reserved).get("code").asString()).isEqualTo("invalid-name");
        HttpResponse<String> nowhere = server.post("/api/v1/write/ndjson?db=n3", "{\"v\":1}");
        assertThat(json(nowhere).get("data").get(0).get("error_message").asString())
                .startsWith("row names no measurement at line 1, column 1");
        HttpResponse<String> large = server.post(ROUTE + "n3", "{\"v\":1}\n".repeat(200_000));
        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(json(large).get("code").asString()).isEqualTo("body-too-large");
    }
}
