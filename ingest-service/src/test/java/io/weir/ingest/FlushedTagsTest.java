package io.weir.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.ingest.buffer.TestBatches;
import io.weir.ingest.wal.MemoryWalFileSystem;
import io.weir.ingest.wal.WalSettings;
import io.weir.storage.catalog.DataFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** What is known of the tags of a file is committed with its flush. LESSONS 34. */
class FlushedTagsTest {

    private static final TableId CPU = new DatabaseId("default", "iot").table("cpu");

    @TempDir
    Path directory;

    @Test
    void filesOfAFlushAreFoundByTheirTags() {
        try (IngestFixture fixture = new IngestFixture(directory)) {
            fixture.catalog.createDatabase(CPU.databaseId()).block();
            IngestService service = fixture.start(
                    new MemoryWalFileSystem(1),
                    WalSettings.defaults().withSegmentSize(DataSize.ofMegabytes(1)),
                    Map.of());
            for (String host : List.of("a", "c", "\ud83d\ude00")) {
                IngestFixture.store(service, CPU, TestBatches.rows("cpu", host, 0, 1, 5), null)
                        .block();
                service.flush().block();
            }
            assertThat(files(fixture, "a")).hasSize(1);
            assertThat(files(fixture, "\ud83d\ude00")).hasSize(1);
            assertThat(files(fixture, "b")).isEmpty();
            service.close();
        }
    }

    private static List<DataFile> files(IngestFixture fixture, String host) {
        return fixture.catalog
                .snapshot(
                        CPU,
                        TimeRange.ALL,
                        schema -> tags -> tags.mayHave("host", range -> range.mayBe(host)),
                        List.of())
                .block()
                .files();
    }
}
