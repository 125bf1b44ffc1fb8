package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import tools.jackson.databind.JsonNode;

/** Every write route over the wire: what it stores, and how it says no. */
class WriteApiIT {

    private static final String GOOD_AND_BAD =
            "m,host=a v=1 1700000000\nm,host=a v= 1700000001\nm,host=b v=3 1700000002\n";

    @TempDir
    static Path data;

    private static WeirProcess server;

    @BeforeAll
    static void start() {
        server = WeirProcess.serve(data, "weir.ingest.max-line-protocol=4MB", "weir.ingest.max-message-pack=1MB");
    }

    @AfterAll
    static void stop() {
        assertThat(server.output()).doesNotContain("LEAK", "BlockingOperation");
        server.close();
    }

    private static long count(String database) {
        return Sql.number(server, database, "SELECT count(*) FROM m");
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Sql.JSON.readTree(answer.body());
    }

    @Test
    void version1KeepsTheGoodLines() { // LESSONS 64
        HttpResponse<String> answer = server.post("/write?db=w1&precision=s", GOOD_AND_BAD);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).get("error").asString())
                .startsWith("partial write: ")
                .endsWith("dropped=1")
                .contains("line 2");
        assertThat(answer.headers().firstValue("X-Influxdb-Error")).isPresent();
        assertThat(count("w1")).isEqualTo(2);
    }

    @Test
    void version2StoresNothingOfABodyWithABadLine() {
        assertThat(server.post("/api/v2/write?bucket=w2&precision=s", "m,host=a v=1 1700000000")
                        .statusCode())
                .isEqualTo(204);
        HttpResponse<String> answer = server.post("/api/v2/write?bucket=w2&precision=s", GOOD_AND_BAD);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).get("code").asString()).isEqualTo("invalid");
        assertThat(json(answer).get("line").asInt()).isEqualTo(2);
        HttpResponse<String> conflict =
                server.post("/api/v2/write?bucket=w2&precision=s", "m,host=a v=\"x\" 1700000000");
        assertThat(conflict.statusCode()).isEqualTo(422);
        assertThat(count("w2")).isEqualTo(1);
    }

    @Test
    void version3KeepsTheGoodLinesUnlessToldOtherwise() {
        HttpResponse<String> answer = server.post("/api/v3/write_lp?db=w3&precision=second", GOOD_AND_BAD);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).get("error").asString()).isEqualTo("partial write of line protocol occurred");
        JsonNode line = json(answer).get("data").get(0);
        assertThat(line.get("line_number").asInt()).isEqualTo(2);
        assertThat(line.get("original_line").asString()).isEqualTo("m,host=a v= 1700000001");
        assertThat(line.get("error_message").asString()).isNotBlank();
        assertThat(count("w3")).isEqualTo(2);
        HttpResponse<String> strict =
                server.post("/api/v3/write_lp?db=w3&precision=second&accept_partial=false", GOOD_AND_BAD);
        assertThat(strict.statusCode()).isEqualTo(400);
        assertThat(count("w3")).isEqualTo(2);
        assertThat(server.post("/api/v3/write_lp?db=w3&no_sync=true", "m,host=a v=9")
                        .statusCode())
                .isEqualTo(204);
        assertThat(count("w3")).isEqualTo(3);
    }

    @Test
    void weirsOwnRouteAnswersWithAProblemDocument() {
        HttpResponse<String> answer = server.post(
                "/api/v1/write/line-protocol?precision=s",
                GOOD_AND_BAD,
                "X-Weir-Database",
                "w4",
                "X-Request-Id",
                "r-7");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).contains("application/problem+json");
        assertThat(json(answer).get("code").asString()).isEqualTo("partial-write");
        assertThat(json(answer).get("request_id").asString()).isEqualTo("r-7");
        assertThat(json(answer).get("rejected").asInt()).isEqualTo(1);
        assertThat(count("w4")).isEqualTo(2);
    }

    @Test
    void aRejectedLineLeavesNoColumnBehind() { // LESSONS 16
        server.post("/write?db=w5&precision=s", "m v=1 1700000000\nm v=2,fresh=7i,v2= 1700000000");
        assertThat(Sql.rows(server, "w5", "DESCRIBE m").toString())
                .contains("\"v\"")
                .doesNotContain("fresh");
        assertThat(Sql.rows(server, "w5", "SELECT * FROM m")).hasSize(1);
    }

    @Test
    void everyPrecisionMeansTheSameMoment() {
        String[][] routes = {
            {"/write?db=w6&precision=s", "1700000000"},
            {"/write?db=w6&precision=ms", "1700000000000"},
            {"/write?db=w6&precision=u", "1700000000000000"},
            {"/write?db=w6", "1700000000000000000"},
            {"/write?db=w6&precision=m", "28333333"},
            {"/write?db=w6&precision=h", "472222"},
            {"/api/v2/write?bucket=w6&precision=us", "1700000000000000"},
            {"/api/v3/write_lp?db=w6", "1700000000"},
            {"/api/v3/write_lp?db=w6&precision=auto", "1700000000000"},
        };
        for (String[] route : routes) {
            assertThat(server.post(route[0], "m v=1 " + route[1]).statusCode())
                    .as(route[0])
                    .isEqualTo(204);
        }
        assertThat(Sql.number(
                        server,
                        "w6",
                        "SELECT count(*) FROM m WHERE date_trunc('hour', time) = TIMESTAMPTZ '2023-11-14T22:00:00Z'"))
                .isEqualTo(9);
        HttpResponse<String> unknown = server.post("/write?db=w6&precision=fortnight", "m v=1 1");
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(json(unknown).get("error").asString()).contains("fortnight", "expected");
    }

    @Test
    void nanosecondsAreKept() {
        server.post("/write?db=w7", "m v=1 1700000000123456789");
        assertThat(Sql.rows(server, "w7", "SELECT time, time_nanos FROM m"))
                .hasToString("[[\"2023-11-14T22:13:20.123456Z\",789]]");
    }

    @Test
    void compressedBodiesAreTakenWithAndWithoutTheirHeader() throws IOException { // REQUIREMENTS P2
        byte[] plain = "m,host=a v=1 1700000000\n".getBytes(StandardCharsets.UTF_8);
        assertThat(server.post("/write?db=w8", gzip(plain), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(204);
        assertThat(server.post("/write?db=w8", Zstd.compress(plain), "Content-Encoding", "zstd")
                        .statusCode())
                .isEqualTo(204);
        assertThat(server.post("/write?db=w8", gzip(plain)).statusCode()).isEqualTo(204);
        assertThat(server.post("/write?db=w8", Zstd.compress(plain)).statusCode())
                .isEqualTo(204);
        assertThat(count("w8")).isEqualTo(4);
    }

    @Test
    void bombsWrongAndUnknownCompressionAreRefused() throws IOException { // LESSONS 58
        byte[] bomb = new byte[64 << 20];
        assertThat(server.post("/write?db=w9", gzip(bomb), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(413);
        assertThat(server.post("/write?db=w9", Zstd.compress(bomb), "Content-Encoding", "zstd")
                        .statusCode())
                .isEqualTo(413);
        assertThat(server.post("/api/v1/write/msgpack?db=w9", gzip(bomb), "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(413);
        byte[] truncated = java.util.Arrays.copyOf(gzip("m v=1".getBytes(StandardCharsets.UTF_8)), 15);
        assertThat(server.post("/write?db=w9", truncated, "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.post("/write?db=w9", "m v=1", "Content-Encoding", "gzip")
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.post("/write?db=w9", "m v=1", "Content-Encoding", "br")
                        .statusCode())
                .isEqualTo(415);
        assertThat(server.get("/api/v1/query?db=w9&q=SELECT%201").statusCode()).isIn(200, 404);
    }

    @Test
    void messagePackInEveryFormIsStored() throws IOException {
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            packer.packArrayHeader(2);
            packer.packMapHeader(3)
                    .packString("m")
                    .packString("m")
                    .packString("columns")
                    .packMapHeader(3);
            packer.packString("time")
                    .packArrayHeader(2)
                    .packLong(1_700_000_000L)
                    .packLong(1_700_000_001L);
            packer.packString("host").packArrayHeader(2).packString("a").packString("b");
            packer.packString("v").packArrayHeader(2).packDouble(1.5).packNil();
            packer.packString("tags").packArrayHeader(1).packString("host");
            packer.packMapHeader(4)
                    .packString("m")
                    .packString("m")
                    .packString("t")
                    .packLong(1_700_000_002L);
            packer.packString("tags").packMapHeader(1).packString("host").packString("c");
            packer.packString("fields").packMapHeader(1).packString("v").packDouble(2.5);
            HttpResponse<String> answer = server.post("/api/v1/write/msgpack?db=w10", packer.toByteArray());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        }
        assertThat(Sql.rows(server, "w10", "SELECT host, v FROM m ORDER BY host"))
                .hasToString("[[\"a\",1.5], [\"b\",null], [\"c\",2.5]]");
        HttpResponse<String> bad = server.post("/api/v1/write/msgpack?db=w10", new byte[] {(byte) 0xc1});
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(json(bad).get("code").asString()).isEqualTo("invalid-messagepack");
        assertThat(count("w10")).isEqualTo(3);
    }

    @Test
    void badNamesAreRefusedWithTheirReason() { // LESSONS 59
        HttpResponse<String> answer = server.post("/api/v2/write?bucket=a%2F..%2Fb", "m v=1");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).get("message").asString()).contains("database name");
        assertThat(server.post("/write?db=w11", ".. v=1 1\na/b v=1 1\na_b v=1 1\na..b v=1 1")
                        .statusCode())
                .isEqualTo(204);
        assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
        assertThat(Sql.number(server, "w11", "SELECT count(*) FROM \"..\"")).isEqualTo(1);
        assertThat(Sql.number(server, "w11", "SELECT count(*) FROM \"a/b\"")).isEqualTo(1);
    }

    @Test
    void manyDatabasesAndFlushesLeaveEveryRowVisibleOnce() { // LESSONS 20, invariant 2
        for (int i = 1; i <= 60; i++) {
            assertThat(server.post("/write?db=w12", "m n=" + i + "i " + i).statusCode())
                    .isEqualTo(204);
            if (i % 20 == 0) {
                assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
            }
            assertThat(count("w12")).isEqualTo(i);
        }
        assertThat(Sql.number(server, "w12", "SELECT sum(n) FROM m")).isEqualTo(1830);
    }

    @Test
    void emptyBodiesAndCommentsAreFine() {
        assertThat(server.post("/write?db=w13", "").statusCode()).isEqualTo(204);
        assertThat(server.post("/write?db=w13", "# nothing\r\n\r\n").statusCode())
                .isEqualTo(204); // LESSONS 61
        assertThat(server.post("/write?db=w13", "m v=1 1\r\nm v=2 2\r\n").statusCode())
                .isEqualTo(204);
        assertThat(count("w13")).isEqualTo(2);
    }

    @Test
    void unknownRoutesAndMethodsAreProblems() {
        assertThat(server.get("/nowhere").statusCode()).isEqualTo(404);
        assertThat(json(server.get("/nowhere")).get("code").asString()).isEqualTo("not-found");
        assertThat(server.get("/write").statusCode()).isEqualTo(405);
        assertThat(json(server.get("/write")).get("detail").asString()).contains("expected: POST");
    }

    static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }
}
