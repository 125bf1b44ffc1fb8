package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.S3Peer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** Rows of measurement {@code m} of database {@code iot}, written in rounds and counted, on a server whose files are in S3. */
final class StoredRows {

    static final int HOURS = 3;
    static final int ROWS = 300;
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private StoredRows() {}

    /** Settings of a server that keeps its files there. */
    static List<String> s3(S3Peer peer, URI endpoint, String prefix) {
        return List.of(
                "weir.storage.type=s3",
                "weir.storage.prefix=" + prefix,
                "weir.storage.s3.endpoint=" + endpoint,
                "weir.storage.s3.region=eu-central-1",
                "weir.storage.s3.bucket=" + peer.bucket(),
                "weir.storage.s3.path-style=true",
                "weir.storage.s3.credentials=static",
                "weir.storage.s3.access-key=" + S3Peer.ACCESS_KEY,
                "weir.storage.s3.secret-key=" + S3Peer.SECRET_KEY);
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

    /** A metric of the server, summed over its tags. */
    static double metric(WeirProcess server, String name) {
        return server.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }
}
