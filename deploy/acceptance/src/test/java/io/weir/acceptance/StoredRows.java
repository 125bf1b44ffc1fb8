package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.PostgresPeer;
import io.weir.testing.S3Peer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** Rows of measurement {@code m} of database {@code iot}, written in rounds and counted, on a server whose files are in S3. */
final class StoredRows {

    static final int HOURS = 3;
    static final int ROWS = 300;
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private StoredRows() {}

    /** Settings of a server that keeps its files in that bucket of an {@link S3Peer}. */
    static List<String> s3(URI endpoint, String bucket, String prefix) {
        return List.of(
                "weir.storage.type=s3",
                "weir.storage.prefix=" + prefix,
                "weir.storage.s3.endpoint=" + endpoint,
                "weir.storage.s3.region=eu-central-1",
                "weir.storage.s3.bucket=" + bucket,
                "weir.storage.s3.path-style=true",
                "weir.storage.s3.credentials=static",
                "weir.storage.s3.access-key=" + S3Peer.ACCESS_KEY,
                "weir.storage.s3.secret-key=" + S3Peer.SECRET_KEY);
    }

    /** Settings of a server that keeps its catalog in that schema, which need not be there yet, and reaches it at that address. */
    static List<String> postgres(PostgresPeer database, URI address, String schema) {
        return List.of(
                "weir.catalog.url=" + database.at(address).url(schema),
                "weir.catalog.username=" + database.user(),
                "weir.catalog.password=" + database.password());
    }

    /** Rows of several hours, so that each flush puts several files. */
    static void write(WeirProcess server, int round) {
        StringBuilder lines = new StringBuilder();
        for (int n = 0; n < ROWS; n++) {
            lines.append("m,host=h").append(n % 7).append(" v=").append(n).append("i ");
            lines.append(1_700_000_000L + round * 86_400L + n % HOURS * 3_600L + n)
                    .append('\n');
        }
        assertThat(server.post("/write?db=iot&precision=s", lines.toString()).statusCode())
                .isEqualTo(204);
    }

    /** Flushes until everything is in files. */
    static void flush(WeirProcess server) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> server.post("/api/v1/flush", "").statusCode() < 300);
    }

    /** Rows that a query counts. */
    static long count(WeirProcess server) {
        return Sql.number(server, "iot", "SELECT count(*) FROM m");
    }

    /** A figure of the server without labels. */
    static double metric(WeirProcess server, String name) {
        Map<String, Double> figures = Metrics.of(server);
        assertThat(figures).containsKey(name);
        return figures.get(name);
    }
}
