package io.weir.ingest.imports;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Files over the import routes, from the body to the rows. REQUIREMENTS P7. */
class ImportTest extends ImportSlice {

    private static final String CSV = "/api/v1/import/csv?db=d&measurement=m&time_column=when&tags=host";

    private static String csv(int rows) {
        StringBuilder file = new StringBuilder("when,host,v,note\n");
        for (int i = 0; i < rows; i++) {
            file.append(1_700_000_000 + i)
                    .append(",h")
                    .append(i % 3)
                    .append(',')
                    .append(i)
                    .append(",\"a,\nb\"\n");
        }
        return file.toString();
    }

    @Test
    void aCsvFileBecomesRowsInManyPieces() throws IOException {
        JsonNode job = done(CSV, utf8(csv(500)));
        assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("rows_stored").asLong()).isEqualTo(500);
        assertThat(job.get("bytes_read")).isEqualTo(job.get("bytes_total"));
        assertThat(job.get("measurement").asString()).isEqualTo("m");
        assertThat(job.get("started_at").isNull()).isFalse();
        assertThat(ingest.rows("d", "m")).isEqualTo(500);
        soon().until(
                        () -> { // the end is told a moment before the file is gone
                            try (Stream<Path> left = Files.list(directory.resolve("imports"))) {
                                return left.allMatch(path -> path.toString().endsWith(".json"));
                            }
                        });
    }

    @Test
    void theCatalogNeedNotKnowThePiecesOfAnImportThatHasEnded() {
        assertThat(done(CSV, utf8(csv(500))).get("status").asString()).isEqualTo("succeeded");
        assertEndedPieces();
        restart(Map.of()); // and not for thirty days either when the server stopped meanwhile
        assertEndedPieces();
    }

    private void assertEndedPieces() {
        soon().untilAsserted(() -> assertThat(ingest.service().keys().oldPieces(Long.MAX_VALUE))
                .singleElement()
                .satisfies(old -> assertThat(old.beforeSequence())
                        .as("the last piece too")
                        .isEqualTo(Long.MAX_VALUE)));
    }

    @Test
    void lineProtocolIsImportedToo() {
        StringBuilder file = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            file.append(i % 2 == 0 ? "even" : "odd")
                    .append(",host=h s=\"two\nlines\",v=")
                    .append(i)
                    .append("i ");
            file.append(1_700_000_000 + i).append('\n');
        }
        JsonNode job = done("/api/v1/import/lp?db=d", utf8(file.toString()));
        assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(ingest.rows("d", "even")).isEqualTo(250);
        assertThat(ingest.rows("d", "odd")).isEqualTo(250);
    }

    @Test
    void aCompressedFileIsUnpackedAsItArrives() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(utf8(csv(100)));
        }
        assertThat(done(CSV, out.toByteArray(), "Content-Encoding", "gzip")
                        .get("rows_stored")
                        .asLong())
                .isEqualTo(100);
        assertThat(done(CSV, out.toByteArray()).get("status").asString())
                .as("by its magic bytes")
                .isEqualTo("succeeded");
    }

    @Test
    void badRowsAreReportedWithTheirLines() { // LESSONS 64
        String file =
                csv(300).replace("1700000100,h1,100", "never,h1,100").replace("1700000200,h2,200", "1700000200,h2,x");
        JsonNode job = done(CSV, utf8(file));
        assertThat(job.get("status").asString()).isEqualTo("succeeded");
        assertThat(job.get("rows_stored").asLong()).isEqualTo(298);
        assertThat(job.get("rows_rejected").asLong()).isEqualTo(2);
        assertThat(job.get("errors").get(0).get("line_number").asInt()).isEqualTo(202);
        assertThat(job.get("errors").get(0).get("error_message").asString())
                .startsWith("time \"never\" is not a time at line 202, column 1");
        assertThat(job.get("errors").get(1).get("error_message").asString())
                .startsWith("value \"x\" of column \"v\" is no integer at line 402, column 15");
    }

    @Test
    void withoutPartialRowsTheFirstBadOneEndsTheImport() {
        String file = csv(300).replace("1700000200,h2,200", "1700000200,h2,x");
        JsonNode job = done(CSV + "&accept_partial=false", utf8(file));
        assertThat(job.get("status").asString()).isEqualTo("failed");
        assertThat(job.get("failure").asString()).contains("at line 402").endsWith("so the import ends here");
        assertThat(ingest.rows("d", "m"))
                .isEqualTo(job.get("rows_stored").asLong())
                .isBetween(150L, 200L);
    }

    @Test
    void whatCannotBeImportedIsRefusedBeforeAJobExists() {
        byte[] parquet = {'P', 'A', 'R', '1', 0, 0, 0};
        assertRefused("/api/v1/import/csv?measurement=m", parquet, 400, "no CSV: it is a binary file");
        assertRefused("/api/v1/import/lp", new byte[] {'m', 0}, 400, "no line protocol: byte 2 is 0");
        assertRefused("/api/v1/import/lp", new byte[0], 400, "it is empty");
        assertRefused("/api/v1/import/csv?measurement=m", utf8("a,b\n1,2\n"), 400, "no column \"time\"");
        assertRefused("/api/v1/import/csv", utf8("time,v\n"), 400, "measurement");
        assertRefused("/api/v1/import/lp?measurement=m", utf8("m v=1\n"), 400, "names its measurements");
        assertRefused("/api/v1/import/csv?measurement=m&delimiter=ab", utf8("x"), 400, "delimiter \"ab\"");
        assertRefused("/api/v1/import/csv?measurement=m&precision=eon", utf8("x"), 400, "precision \"eon\"");
        assertRefused("/api/v1/import/csv?measurement=m&accept_partial=x", utf8("x"), 400, "accept_partial \"x\"");
        assertThat(list().size()).isZero();
        ingest.client()
                .get()
                .uri("/api/v1/import/nothing")
                .exchange()
                .expectStatus()
                .isNotFound();
        ingest.client()
                .delete()
                .uri("/api/v1/import/nothing")
                .exchange()
                .expectStatus()
                .isNotFound();
    }

    @Test
    void theSizeOfAFileAndOfTheQueueAndTheDiskAreLimited() { // REQUIREMENTS P1, LESSONS 47
        restart(Map.of("weir.import.max-file", "1KB"));
        assertRefused("/api/v1/import/lp?db=d", new byte[2000], 413, "weir.import.max-file");
        restart(Map.of("weir.import.min-free-disk", "1000000GB"));
        assertRefused("/api/v1/import/lp?db=d", utf8("m v=1\n"), 507, "weir.import.min-free-disk");
    }

    @Test
    void anImportWaitsForLiveWritesAndCanBeCancelledMeanwhile() {
        restart(Map.of("weir.import.queue", "1"));
        Runnable goOn = heldUp();
        String first = accepted(CSV, utf8(csv(50)));
        String second = accepted(CSV, utf8(csv(50)));
        assertRefused(CSV, utf8(csv(50)), 503, "weir.import.queue");
        assertThat(job(first).get("status").asString()).isEqualTo("running");
        assertThat(job(second).get("status").asString()).isEqualTo("queued");
        ingest.client()
                .delete()
                .uri("/api/v1/import/" + second)
                .exchange()
                .expectStatus()
                .isOk();
        assertThat(await(second).get("status").asString()).isEqualTo("cancelled");
        assertThat(ingest.rows("d", "m")).isZero();
        goOn.run();
        assertThat(await(first).get("status").asString()).isEqualTo("succeeded");
        assertThat(ingest.rows("d", "m")).isEqualTo(50);
        assertThat(list().size()).isEqualTo(2);
    }

    @Test
    void aRunningImportCanBeCancelled() {
        Runnable goOn = heldUp();
        String id = accepted(CSV, utf8(csv(50)));
        ingest.client()
                .delete()
                .uri("/api/v1/import/" + id)
                .exchange()
                .expectStatus()
                .isOk();
        assertThat(await(id).get("status").asString()).isEqualTo("cancelled");
        assertThat(ingest.rows("d", "m")).isZero();
        goOn.run();
    }

    @Test
    void anInterruptedImportGoesOnAtTheNextStartAndStoresEachRowOnce() { // LESSONS 8, 62
        Runnable goOn = heldUp();
        List<String> ids =
                Stream.of(400, 300).map(rows -> accepted(CSV, utf8(csv(rows)))).toList();
        goOn.run();
        soon().until(() -> ingest.rows("d", "m") > 0);
        restart(Map.of());
        for (String id : ids) {
            assertThat(await(id).get("status").asString()).isEqualTo("succeeded");
        }
        assertThat(job(ids.get(0)).get("rows_stored").asLong()).isEqualTo(400);
        assertThat(ingest.rows("d", "m")).isEqualTo(700);
    }

    @Test
    void methodsTheRoutesDoNotTakeAre405() {
        for (String path : List.of("/csv", "/lp", "/parquet")) {
            assertThat(json(ingest.client()
                                    .get()
                                    .uri("/api/v1/import" + path)
                                    .exchange()
                                    .expectStatus()
                                    .isEqualTo(405))
                            .get("detail")
                            .asString())
                    .isEqualTo("/api/v1/import" + path + " does not take GET (expected: POST)");
        }
        ingest.client().put().uri("/api/v1/import/x").exchange().expectStatus().isEqualTo(405);
        ingest.client().delete().uri("/api/v1/import").exchange().expectStatus().isEqualTo(405);
    }
}
