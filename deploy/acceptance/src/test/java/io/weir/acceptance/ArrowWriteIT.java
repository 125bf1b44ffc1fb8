package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code POST /api/v1/write/arrow}, with Arrow's own writer on the other side. */
class ArrowWriteIT {

    private static final String ROUTE = "/api/v1/write/arrow?measurement=m&db=";

    @TempDir
    static Path data;

    private static WeirProcess server;

    @BeforeAll
    static void start() {
        server = WeirProcess.serve(data, "weir.ingest.max-arrow=1MB");
    }

    @AfterAll
    static void stop() {
        assertThat(server.output()).doesNotContain("LEAK", "BlockingOperation");
        server.close();
    }

    /** {@code rows} rows of host (a dictionary), v (null in every third row), n, and time in nanoseconds. */
    private static byte[] stream(int rows, int batches) throws IOException {
        DictionaryEncoding encoding = new DictionaryEncoding(1, false, null);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (BufferAllocator allocator = new RootAllocator();
                VarCharVector hosts = new VarCharVector("hosts", allocator);
                IntVector host =
                        new IntVector("host", new FieldType(true, new ArrowType.Int(32, true), encoding), allocator);
                Float8Vector v = new Float8Vector("v", allocator);
                BigIntVector n = new BigIntVector("n", allocator);
                TimeStampNanoTZVector time = new TimeStampNanoTZVector(
                        "time", FieldType.nullable(new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC")), allocator)) {
            for (int i = 0; i < 3; i++) {
                hosts.setSafe(i, ("host_" + i).getBytes(StandardCharsets.UTF_8));
            }
            hosts.setValueCount(3);
            MapDictionaryProvider dictionaries = new MapDictionaryProvider(new Dictionary(hosts, encoding));
            VectorSchemaRoot root = new VectorSchemaRoot(List.of(v, host, n, time));
            try (ArrowStreamWriter writer = new ArrowStreamWriter(root, dictionaries, out)) {
                for (int batch = 0; batch < batches; batch++) {
                    for (int row = 0; row < rows; row++) {
                        host.setSafe(row, row % 3);
                        n.setSafe(row, batch);
                        time.setSafe(row, 1_700_000_000_000_000_001L + 1_000_000L * (batch * rows + row));
                        if (row % 3 == 2) {
                            v.setNull(row);
                        } else {
                            v.setSafe(row, row + 0.5);
                        }
                    }
                    root.setRowCount(rows);
                    writer.writeBatch();
                }
            }
        }
        return out.toByteArray();
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Sql.JSON.readTree(answer.body());
    }

    @Test
    void rowsAreStoredWithTheirTagsNullsAndNanoseconds() throws IOException { // LESSONS 17
        HttpResponse<String> answer = server.post(ROUTE + "a1", stream(6, 2));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        String sql = "SELECT host, v, n, time_nanos FROM m ORDER BY time LIMIT 3";
        String rows = "[[\"host_0\",0.5,0,1], [\"host_1\",1.5,0,1], [\"host_2\",null,0,1]]";
        assertThat(Sql.rows(server, "a1", sql)).hasToString(rows);
        assertThat(Sql.number(server, "a1", "SELECT count(*) FROM m")).isEqualTo(12);
        assertThat(Sql.number(server, "a1", "SELECT count(v) FROM m")).isEqualTo(8);
        assertThat(server.post("/api/v1/flush", "").statusCode()).isEqualTo(204);
        assertThat(Sql.rows(server, "a1", sql)).hasToString(rows);
        assertThat(Sql.number(server, "a1", "SELECT count(*) FROM m")).isEqualTo(12);
    }

    @Test
    void aFaultInTheLastBatchStoresNothing() throws IOException {
        byte[] cut = stream(100, 3);
        HttpResponse<String> answer = server.post(ROUTE + "a2", Arrays.copyOf(cut, cut.length - 100));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).get("code").asString()).isEqualTo("invalid-arrow");
        assertThat(json(answer).get("detail").asString()).contains("the stream ends within a message");
        assertThat(server.post(ROUTE + "a2", stream(1, 1)).statusCode()).isEqualTo(204);
        assertThat(Sql.number(server, "a2", "SELECT count(*) FROM m")).isEqualTo(1);
    }

    @Test
    void aConflictOfTypesNamesBatchColumnAndRow() throws IOException {
        assertThat(server.post("/api/v1/write/line-protocol?db=a3", "m n=\"text\" 1")
                        .statusCode())
                .isEqualTo(204);
        JsonNode problem = json(server.post(ROUTE + "a3", stream(2, 1)));
        assertThat(problem.get("status").asInt()).isEqualTo(400);
        assertThat(problem.get("column").asString()).isEqualTo("n");
        assertThat(problem.get("index").asInt()).isZero();
        assertThat(problem.get("row").asInt()).isZero();
        assertThat(problem.get("reason").asString()).isEqualTo("is string but the value is integer");
    }

    @Test
    void aMeasurementIsRequiredAndNamed() throws IOException { // LESSONS 59
        byte[] stream = stream(1, 1);
        assertThat(json(server.post("/api/v1/write/arrow?db=a4", stream))
                        .get("detail")
                        .asString())
                .isEqualTo("parameter \"measurement\" is missing (expected: the measurement of all rows)");
        for (String name : List.of("_x", "system", "a%00b", "x".repeat(129))) {
            HttpResponse<String> answer = server.post("/api/v1/write/arrow?db=a4&measurement=" + name, stream);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(json(answer).get("code").asString()).isEqualTo("invalid-name");
        }
        assertThat(server.get(ROUTE + "a4").statusCode()).isEqualTo(405);
    }

    @Test
    void streamsBeyondTheLimitAreRefused() throws IOException { // LESSONS 47, 58
        HttpResponse<String> answer = server.post(ROUTE + "a5", stream(60_000, 1));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(server.post(ROUTE + "a5", Zstd.compress(stream(60_000, 1)), "Content-Encoding", "zstd")
                        .statusCode())
                .isEqualTo(413);
        assertThat(server.post(ROUTE + "a5", stream(1_000, 1)).statusCode()).isEqualTo(204);
    }
}
