package io.weir.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.ingest.buffer.TestBatches;
import io.weir.ingest.wal.MemoryWalFileSystem;
import io.weir.ingest.wal.WalSettings;
import io.weir.ingest.wal.WriteKey;
import io.weir.storage.catalog.IdempotencyKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

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
        return start(disk, DataSize.ofMegabytes(4));
    }

    private IngestService start(MemoryWalFileSystem disk, DataSize segment) {
        return fixture.start(
                disk,
                WalSettings.defaults().withSegmentSize(segment),
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

    /** As many keys as the log has pieces, and the last one: an import of any length leaves no more in the catalog. */
    @Test
    void theCatalogForgetsPiecesThatTheLogCannotBringBack() {
        IngestService service = start(new MemoryWalFileSystem(2), DataSize.ofKilobytes(4));
        int pieces = 150;
        for (int piece = 0; piece < pieces; piece++) {
            store(service, LARGE, piece, 1);
        }
        service.flush().block(IngestFixture.PATIENCE);
        assertThat(keysInCatalog()).hasSize(pieces);
        forgetUntil(service, keys -> keys < pieces / 2);
        assertThat(keysInCatalog())
                .extracting(IdempotencyKey::fingerprint)
                .as("where the work goes on after a crash")
                .contains(pieces - 1L);

        service.keys().ended(DATABASE, "work");
        forgetUntil(service, keys -> keys == 0);
        assertThat(service.keys().oldPieces(Long.MAX_VALUE)).isEmpty();
        service.close();
    }

    /** Other rows push what is in files out of the log, segment by segment. */
    private void forgetUntil(IngestService service, IntPredicate done) {
        AtomicLong other = new AtomicLong();
        Awaitility.await().atMost(IngestFixture.PATIENCE).until(() -> {
            for (int i = 0; i < 40; i++) {
                long row = other.getAndIncrement();
                IngestFixture.store(service, SMALL, TestBatches.rows(SMALL.measurement(), "h", row, row, 1), null)
                        .block(IngestFixture.PATIENCE);
            }
            service.flush().then(Mono.defer(service::forgetOld)).block(IngestFixture.PATIENCE);
            return done.test(keysInCatalog().size());
        });
    }

    private List<IdempotencyKey> keysInCatalog() {
        return fixture.catalog.idempotencyKeys(1_000).collectList().block(IngestFixture.PATIENCE);
    }
}
