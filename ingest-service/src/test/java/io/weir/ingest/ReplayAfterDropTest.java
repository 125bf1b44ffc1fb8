package io.weir.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotArea;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.ingest.buffer.TestBatches;
import io.weir.ingest.wal.MemoryWalFileSystem;
import io.weir.ingest.wal.WalSettings;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.R2dbcDeletes;
import io.weir.storage.catalog.R2dbcLeases;
import io.weir.storage.catalog.TableSchema;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** A log that still has rows of a measurement that was dropped. REQUIREMENTS L3; LESSONS 8, 30. */
@Timeout(60)
class ReplayAfterDropTest {

    private static final TableId GONE = new DatabaseId("default", "d").table("gone");
    private static final TableId STAYS = GONE.databaseId().table("stays");

    @TempDir
    Path directory;

    private IngestFixture fixture;

    @BeforeEach
    void open() {
        fixture = new IngestFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private IngestService start(MemoryWalFileSystem disk) {
        return fixture.start(
                disk,
                WalSettings.defaults().withSegmentSize(DataSize.ofMegabytes(1)),
                Map.of("weir.ingest.flush-age", "1h"));
    }

    private static void store(IngestService service, ColumnBatch batch) {
        TableId table = GONE.databaseId().table(batch.measurement());
        IngestFixture.store(service, table, batch, null).block(IngestFixture.PATIENCE);
    }

    private void drop(IngestService service) {
        HotArea area = HotArea.of(GONE);
        service.close(area, Duration.ofMinutes(1)).block(IngestFixture.PATIENCE);
        Lease lease = new R2dbcLeases(fixture.connections.factory(), IngestFixture.PATIENCE)
                .acquire("drop", "test", Duration.ofMinutes(1))
                .block(IngestFixture.PATIENCE);
        new R2dbcDeletes(fixture.connections.factory(), Clock.systemUTC(), IngestFixture.PATIENCE, 100)
                .drop(
                        GONE,
                        lease,
                        new AuditEntry(0, Clock.systemUTC().instant(), "default", "test", "drop", "gone", ""))
                .block(IngestFixture.PATIENCE);
        service.reopen(area).block(IngestFixture.PATIENCE);
    }

    @Test
    void aMeasurementThatIsThereAgainWithOtherTypesDoesNotKeepTheServerFromStarting() {
        MemoryWalFileSystem disk = new MemoryWalFileSystem(1);
        IngestService first = start(disk);
        store(first, TestBatches.rows("stays", "h", 0, 0, 3)); // keeps the segment that the dropped rows are in
        store(first, TestBatches.rows("gone", "h", 0, 0, 5));
        drop(first);
        ColumnBatch numbers = TestBatches.rows("gone", "h", 0, 0, 2);
        store(
                first,
                new ColumnBatch(
                        "gone",
                        2,
                        numbers.timeMicros(),
                        null,
                        numbers.series(),
                        numbers.seriesOfRow(),
                        List.of(new BooleanColumn("n", new long[] {1}, null))));
        MemoryWalFileSystem left = disk.kill();
        first.close();

        IngestService second = start(left);
        assertThat(fixture.rows(second, GONE)).isEqualTo(2);
        assertThat(fixture.rows(second, STAYS)).isEqualTo(3);
        second.close();
    }

    @Test
    void aDroppedMeasurementDoesNotComeBackEmpty() {
        MemoryWalFileSystem disk = new MemoryWalFileSystem(1);
        IngestService first = start(disk);
        store(first, TestBatches.rows("stays", "h", 0, 0, 3));
        store(first, TestBatches.rows("gone", "h", 0, 0, 5));
        drop(first);
        MemoryWalFileSystem left = disk.kill();
        first.close();

        IngestService second = start(left);
        assertThat(fixture.catalog
                        .schemas(GONE.databaseId())
                        .map(TableSchema::measurement)
                        .collectList()
                        .block(IngestFixture.PATIENCE))
                .containsExactly("stays");
        second.close();
    }
}
