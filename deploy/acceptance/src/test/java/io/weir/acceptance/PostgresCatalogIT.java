package io.weir.acceptance;

import static io.weir.acceptance.StoredRows.PATIENCE;
import static io.weir.acceptance.StoredRows.ROWS;
import static io.weir.acceptance.StoredRows.count;
import static io.weir.acceptance.StoredRows.flush;
import static io.weir.acceptance.StoredRows.metric;
import static io.weir.acceptance.StoredRows.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.FaultProxy;
import io.weir.testing.PostgresPeer;
import io.weir.testing.S3Peer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that keep their catalog in PostgreSQL and their files in S3, under a prefix, by configuration alone. REQUIREMENTS S5. */
class PostgresCatalogIT {

    private final S3Peer store = S3Peer.s3Proxy();
    private final PostgresPeer database = PostgresPeer.find();
    private final FaultProxy proxy = FaultProxy.inFrontOf(database.server());
    private final String id = UUID.randomUUID().toString();

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        proxy.close();
    }

    private WeirProcess serve(String data) {
        List<String> settings = new ArrayList<>(StoredRows.s3(store.endpoint(), store.bucket(), "env=test/" + id));
        settings.addAll(StoredRows.postgres(database, proxy.url(), "it_" + id.replace("-", "")));
        settings.addAll(List.of("weir.catalog.timeout=3s", "weir.catalog.statement-timeout=1s"));
        return WeirProcess.serve(directory.resolve(data), settings.toArray(String[]::new));
    }

    @Test
    void whatWasWrittenIsThereOnceAfterAPowerCutAndForAnotherServer() { // LESSONS 8, 26
        try (WeirProcess server = serve("a")) {
            assertThat(server.output()).contains("PostgreSQL at 127.0.0.1:").doesNotContain(database.password());
            write(server, 0);
            flush(server);
            assertThat(count(server)).isEqualTo(ROWS);
            assertThat(server.get("/health").body()).contains("\"catalog\":{\"ok\":true,\"failures\":0}");
            assertThat(metric(server, "weir_catalog_connections_max")).isEqualTo(16);
            assertThat(metric(server, "weir_catalog_connections_idle")).isPositive();
            assertThat(metric(server, "weir_catalog_connections_acquired")).isZero();
            assertThat(metric(server, "weir_catalog_connections_pending")).isZero();
            write(server, 1); // in the log only
            server.kill();
        }
        assertThat(directory.resolve("a/catalog.db")).doesNotExist();
        try (WeirProcess server = serve("a");
                WeirProcess other = serve("b")) {
            assertThat(count(server)).isEqualTo(2L * ROWS);
            flush(server);
            assertThat(count(server)).isEqualTo(2L * ROWS);
            assertThat(count(other)).isEqualTo(2L * ROWS);
            write(other, 2);
            flush(other);
            assertThat(count(server)).isEqualTo(3L * ROWS);
            assertThat(server.stop()).isIn(0, 143);
            assertThat(server.output()).doesNotContain("WARN", "ERROR", "LEAK", database.password());
        }
    }

    @Test
    void aCatalogThatIsAwayIsSaidSoAndServedAgainByItself() { // LESSONS 39, 48; REQUIREMENTS S2
        try (WeirProcess server = serve("a")) {
            write(server, 0);
            flush(server);
            for (int round = 1; round <= 2; round++) {
                if (round == 1) {
                    proxy.reset();
                } else {
                    proxy.stall();
                }
                write(server, round); // of a measurement that is known: the log has it
                assertThat(server.post("/write?db=iot&precision=s", "new v=1i 1")
                                .statusCode())
                        .isEqualTo(503);
                var query = server.post(
                        "/api/v1/query",
                        "{\"db\":\"iot\",\"sql\":\"SELECT count(*) FROM m\"}",
                        "Content-Type",
                        "application/json");
                assertThat(query.statusCode()).isEqualTo(503);
                assertThat(query.body()).contains("catalog-unavailable").doesNotContain("127.0.0.1");
                assertThat(server.get("/health").body()).contains("\"catalog\":{\"ok\":false");
                assertThat(server.get("/health/liveness").statusCode()).isEqualTo(200);
                proxy.heal();
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> server.get("/health").body().contains("\"catalog\":{\"ok\":true"));
                assertThat(count(server)).isEqualTo((round + 1L) * ROWS);
                flush(server);
                assertThat(count(server)).isEqualTo((round + 1L) * ROWS);
            }
        }
    }

    @Test
    void aServerWhoseCatalogIsNotThereSaysWhere() {
        proxy.reset();
        try (WeirProcess server = WeirProcess.run(
                0,
                List.of(
                        "serve",
                        "--port",
                        "0",
                        "--data",
                        directory.resolve("d").toString(),
                        "--set",
                        "weir.catalog.url=r2dbc:postgresql://nobody:topsecret@127.0.0.1:"
                                + proxy.url().getPort() + "/weir",
                        "--set",
                        "weir.catalog.start-timeout=2s"))) {
            assertThat(server.awaitExit()).isNotZero();
            assertThat(server.output())
                    .contains("the catalog, PostgreSQL at 127.0.0.1:"
                            + proxy.url().getPort() + "/weir, cannot be used:")
                    .doesNotContain("topsecret");
        }
    }
}
