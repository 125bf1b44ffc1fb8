package io.weir.ingest.imports;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.hot.HotHold;
import io.weir.common.model.DatabaseId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Parquet files over the import route, from the body to the rows. REQUIREMENTS P7. */
class ParquetImportTest extends ImportSlice {

    private static final String URI = "/api/v1/import/parquet?db=d&measurement=m&tags=host";

    /** What DuckDB makes of the rows of a query, with {@code i} from 0. */
    private byte[] parquet(int rows, String columns) {
        Path file = directory.resolve("made.parquet");
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute("COPY (SELECT " + columns + " FROM range(" + rows + ") r(i)) TO '" + file
                    + "' (FORMAT parquet, ROW_GROUP_SIZE 2048)");
            return Files.readAllBytes(file);
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] readings(int rows) {
        return parquet(rows, "make_timestamp(1700000000000000 + i * 1000) AS time, 'h' || i % 3 AS host, i AS id");
    }

    private List<ColumnBatch> batches() {
        return ingest
                .service()
                .snapshot(new DatabaseId("default", "d").table("m"), new HotHold())
                .blockOptional(Duration.ofSeconds(30))
                .orElseThrow()
                .stream()
                .flatMap(part -> part.batches().stream())
                .toList();
    }

    @Test
    void aParquetFileBecomesRowsInManyPieces() {
        JsonNode job = done(URI, readings(5_000));
        assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("format").asString()).isEqualTo("parquet");
        assertThat(job.get("rows_stored").asLong()).isEqualTo(5_000);
        assertThat(job.get("bytes_read")).isEqualTo(job.get("bytes_total"));
        assertThat(ingest.rows("d", "m")).isEqualTo(5_000);
    }

    @Test
    void nullsAreMissingFields() { // LESSONS 17
        byte[] file = parquet(
                100,
                "i AS time, CASE WHEN i % 2 = 0 THEN i END AS a, CASE WHEN i % 2 = 1 THEN 0.5 + i END"
                        + "::DOUBLE AS b, NULL::VARCHAR AS host");
        assertThat(done(URI, file).get("rows_stored").asLong()).isEqualTo(100);
        long values = 0;
        for (ColumnBatch batch : batches()) {
            assertThat(batch.series().tagNames()).isEmpty();
            for (FieldColumn field : batch.fields()) {
                values += IntStream.range(0, batch.rows())
                        .filter(row -> !field.isNull(row))
                        .count();
            }
        }
        assertThat(values).isEqualTo(100);
    }

    @Test
    void badRowsAreReportedWithTheirNumbers() { // LESSONS 64
        byte[] file = parquet(3_000, "CASE WHEN i % 1000 <> 7 THEN i END AS time, i AS v, 'x' AS host");
        JsonNode job = done(URI, file);
        assertThat(job.get("rows_stored").asLong()).as(job.toString()).isEqualTo(2_997);
        assertThat(job.get("rows_rejected").asLong()).isEqualTo(3);
        assertThat(job.get("errors").get(1).get("line_number").asInt()).isEqualTo(1_008);
        assertThat(job.get("errors").get(1).get("error_message").asString())
                .isEqualTo("time is missing at row 1008 (expected: a value in column \"time\")");
        JsonNode strict = done(URI + "&accept_partial=false", file);
        assertThat(strict.get("status").asString()).isEqualTo("failed");
        assertThat(strict.get("failure").asString()).contains("at row 8").endsWith("so the import ends here");
    }

    @Test
    void integerTimesAreOfThePrecisionAskedFor() {
        byte[] file = parquet(1, "1700000000123 AS t, 1 AS v");
        String uri = "/api/v1/import/parquet?db=d&measurement=m&time_column=t";
        assertThat(done(uri, file).get("status").asString()).isEqualTo("succeeded");
        assertThat(done(uri + "&precision=us", file).get("status").asString()).isEqualTo("succeeded");
        assertThat(batches().stream().map(batch -> batch.timeMicros()[0]))
                .containsExactlyInAnyOrder(1_700_000_000_123_000L, 1_700_000_000_123L);
    }

    @Test
    void columnsKeepTheTypesOfTheMeasurement() { // LESSONS 22
        post("/api/v1/write/line-protocol?db=d", utf8("m,host=h v=0.5 1700000000"))
                .expectStatus()
                .is2xxSuccessful();
        JsonNode wider =
                done("/api/v1/import/parquet?db=d&measurement=m", parquet(10, "i AS time, i AS v, 'a' || i AS host"));
        assertThat(wider.get("status").asString()).as(wider.toString()).isEqualTo("succeeded");
        JsonNode conflict = done(URI, parquet(10, "i AS time, 'text' AS v, 'a' AS host"));
        assertThat(conflict.get("status").asString()).isEqualTo("failed");
        assertThat(conflict.get("failure").asString())
                .isEqualTo("column \"v\" of the file is of type string (expected: float, as the measurement has it)");
        assertThat(ingest.rows("d", "m")).isEqualTo(11);
    }

    @Test
    void whatCannotBeImportedIsRefusedBeforeAJobExists() {
        assertRefused(URI, utf8("time,v\n1,2\n"), 400, "the body is no Parquet");
        assertRefused(URI, new byte[0], 400, "the body is no Parquet: it is empty");
        assertRefused(URI, Arrays.copyOf(readings(10), 200), 400, "is cut short");
        assertRefused(
                URI,
                parquet(1, "i AS time, 1.5::DECIMAL(9,2) AS x, 'h' AS host"),
                400,
                "column \"x\" is INT32 (DECIMAL(9,2))");
        assertRefused(URI, parquet(1, "i AS time, [1, 2] AS x, 'h' AS host"), 400, "column \"x\" is a LIST");
        assertRefused(URI, parquet(1, "i AS time, i AS v"), 400, "tag \"host\" is not a column of the file");
        assertRefused("/api/v1/import/parquet?db=d", readings(1), 400, "measurement");
        restart(Map.of("weir.import.row-group", "1KB")); // LESSONS 47
        assertRefused(URI, readings(2_000), 400, "weir.import.row-group");
        assertThat(list().size()).isZero();
    }

    @Test
    void aFileWithoutRowsSucceeds() {
        JsonNode job = done(URI, readings(0));
        assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("bytes_read")).isEqualTo(job.get("bytes_total"));
    }

    @Test
    void anInterruptedImportGoesOnAtTheNextStartAndStoresEachRowOnce() { // LESSONS 8, 62
        String id = accepted(URI, readings(30_000));
        soon().until(() -> job(id).get("rows_stored").asLong() > 0);
        restart(Map.of());
        JsonNode job = await(id);
        assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("rows_stored").asLong()).isEqualTo(30_000);
        assertThat(ingest.rows("d", "m")).isEqualTo(30_000);
    }
}
