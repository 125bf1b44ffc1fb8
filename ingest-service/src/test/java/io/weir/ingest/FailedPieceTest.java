package io.weir.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.ingest.buffer.TestBatches;
import io.weir.ingest.wal.MemoryWalFileSystem;
import io.weir.ingest.wal.WalSettings;
import io.weir.ingest.wal.WriteKey;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/**
 * Long work that is logged piece by piece, over a disk that fails in the middle of a piece and keeps it all the same: the
 * piece is stored again, and the failed one comes back at the next start. LESSONS 8, 62; invariant 2.
 */
@Timeout(60)
class FailedPieceTest {

    private static final DatabaseId DATABASE = new DatabaseId("default", "d");
    private static final TableId SMALL = DATABASE.table("small");
    private static final TableId LARGE = DATABASE.table("large");
    private static final int ROWS = 20_000;

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

    /** Large pieces are flushed at once, small ones wait. */
    private IngestService start(MemoryWalFileSystem disk) {
        return fixture.start(
                disk,
                WalSettings.defaults().withSegmentSize(DataSize.ofMegabytes(4)),
                Map.of("weir.ingest.flush-age", "1h", "weir.ingest.flush-size", "64KB"));
    }

    private static WriteKey key(long from) {
        long now = System.currentTimeMillis();
        return new WriteKey("work", now, now + 600_000, from + 1, from, "").part("" + from);
    }

    private static void store(IngestService service, TableId table, long from, int rows) {
        IngestFixture.store(
                        service,
                        table,
                        TestBatches.rows(table.measurement(), "h", 1_000_000 * from, from, rows),
                        key(from))
                .block(IngestFixture.PATIENCE);
    }

    /** The next sync of the log fails, and so does the end it would put in place of what was written. */
    private static void failOnce(MemoryWalFileSystem disk) {
        AtomicBoolean failed = new AtomicBoolean();
        disk.failSync = () -> isLog() && failed.compareAndSet(false, true);
        disk.failWrite = () -> {
            if (isLog() && failed.get()) {
                throw new IllegalStateException("injected: nothing is written");
            }
            return false;
        };
    }

    private static boolean isLog() {
        return Thread.currentThread().getName().equals("weir-wal");
    }

    @Test
    void aFailedPieceThatComesBackIsNotStoredAgainBehindLaterPieces() {
        MemoryWalFileSystem disk = new MemoryWalFileSystem(1);
        IngestService first = start(disk);
        store(first, SMALL, 0, 1); // keeps the segment that the failed piece is in
        failOnce(disk);
        assertThatThrownBy(() -> store(first, LARGE, 1, ROWS)).hasMessageContaining("cannot write to its disk");
        disk.failSync = () -> false;
        disk.failWrite = () -> false;
        store(first, LARGE, 1, ROWS);
        store(first, LARGE, 1 + ROWS, ROWS);
        Awaitility.await("the large pieces are in files")
                .until(() -> first.buffers().heldBytes() == first.buffers().openBytes());
        MemoryWalFileSystem left = disk.kill();
        first.close();

        IngestService second = start(left);
        assertThat(second.log().recovery().batches())
                .as("batches replayed: the small piece and the failed one, at least")
                .isGreaterThanOrEqualTo(2);
        assertThat(fixture.rows(second, LARGE)).isEqualTo(2 * ROWS);
        assertThat(fixture.rows(second, SMALL)).isEqualTo(1);
        second.close();
    }
}
