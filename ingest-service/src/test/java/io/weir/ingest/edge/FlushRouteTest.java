package io.weir.ingest.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.ingest.edge.RawConnection.Answer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code POST /api/v1/flush} answers when the store takes nothing: within its bound, what is left. LESSONS 5, 63. */
class FlushRouteTest {

    @TempDir
    Path directory;

    private static Answer post(IngestServer server, String path, String body) {
        try (RawConnection connection = new RawConnection(server.port())) {
            return connection
                    .post(path, "Content-Length: " + body.length())
                    .send(body)
                    .answer();
        }
    }

    @Test
    void aStalledStoreIsAnsweredWithWhatIsNotInFilesYetAndFlushingGoesOn() {
        try (IngestServer server = new IngestServer(
                directory,
                "weir.ingest.flush-wait=200ms",
                "weir.ingest.flush-backoff=10ms",
                "weir.ingest.flush-age=1h",
                "weir.warm-up.duration=0s")) {
            assertThat(post(server, "/write?db=d", "cpu v=1\ncpu v=2\nmem v=3\n")
                            .status())
                    .isEqualTo(204);
            server.store().failing(true);
            Answer stalled = post(server, "/api/v1/flush", "");
            assertThat(stalled.status()).isEqualTo(503);
            assertThat(stalled.headers()).containsEntry("retry-after", "1");
            assertThat(stalled.body())
                    .contains(
                            "3 rows are not, measurements 2",
                            "\"unflushed_rows\":3",
                            "\"unflushed_measurements\":2",
                            "storage-unavailable");
            server.store().failing(false);
            IngestServer.until(() -> post(server, "/api/v1/flush", "").status() == 204);
            assertThat(server.ingest().unflushed().rows()).isZero();
        }
    }
}
