package io.weir.query.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server allows of one result. */
@Timeout(60)
class ResultLimitTest {

    @TempDir
    Path directory;

    @Test
    void aResultOfTooManyBytesFailsVisibly() throws Exception { // requirement Q6
        try (QueryServer small = new QueryServer(directory, "--weir.query.max-bytes=100KB");
                RawAnswer.Connection connection = new RawAnswer.Connection(small.port())) {
            RawAnswer fits = connection.get("/api/v1/query", "", "q", "FROM range(5000)", "format", "ndjson");
            assertThat(fits.complete()).isTrue();
            RawAnswer cut = connection.get("/api/v1/query", "", "q", "FROM range(500000)", "format", "ndjson");
            assertThat(cut.complete()).isFalse();
            assertThat(cut.body().length).isBetween(1, 101 << 10);
            assertThat(cut.text())
                    .contains("\"code\":\"byte-limit\"")
                    .contains("the result has more than 102400 bytes, which is the most this server sends");
        }
    }
}
