package io.weir.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.TableId;
import io.weir.ingest.admission.RequestSize;
import io.weir.ingest.buffer.TestBatches;
import io.weir.ingest.wal.MemoryWalFileSystem;
import io.weir.ingest.wal.WalSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;
import reactor.util.retry.Retry;

/** Rows that nothing but pressure would flush within the test: no age, no size. REQUIREMENTS P1, P4; LESSONS 47. */
@Timeout(60)
class FlushPressureTest {

    private static final TableId A = new TableId("a", "d", "m");
    private static final TableId B = new TableId("b", "d", "m");

    /** A disk in memory copies what it writes to. */
    private static final WalSettings SMALL_SEGMENTS = WalSettings.defaults().withSegmentSize(DataSize.ofMegabytes(1));

    /** About 170 KB. */
    private static final int ROWS = 7_000;

    @TempDir
    Path directory;

    private IngestFixture fixture;
    private IngestService service;

    @BeforeEach
    void open() {
        fixture = new IngestFixture(directory);
    }

    @AfterEach
    void close() {
        service.close();
        fixture.close();
    }

    private void start(WalSettings wal, String... settings) {
        Map<String, String> all = new HashMap<>(
                Map.of("weir.ingest.memory", "64MB", "weir.ingest.flush-age", "1h", "weir.ingest.flush-size", "1GB"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put("weir.ingest." + settings[i], settings[i + 1]);
        }
        service = fixture.start(new MemoryWalFileSystem(1), wal, all);
    }

    private void store(TableId table, int from, int rows) {
        IngestFixture.store(
                        service, table, TestBatches.rows(table.measurement(), "h", from * 1_000_000L, from, rows), null)
                .block(IngestFixture.PATIENCE);
    }

    /** Stores until that many bytes of the organisation are in open parts. */
    private void fill(TableId table, long bytes) {
        for (int from = 0; service.buffers().openBytes(table.organisation()) < bytes; from += ROWS) {
            store(table, from, ROWS);
        }
    }

    private static boolean within(Duration time, BooleanSupplier condition) {
        long deadline = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        return condition.getAsBoolean();
    }

    private boolean isHeldBelow(TableId table, long bytes) {
        return within(Duration.ofSeconds(20), () -> service.buffers().heldBytes(table.organisation()) < bytes);
    }

    @Test
    void aSmallShareOfAnOrganisationIsFeltBeforeItIsFull() {
        start(SMALL_SEGMENTS, "memory-per-organisation", "2MB");
        fill(B, 800_000);
        for (int i = 0; i < 15; i++) {
            store(A, i * ROWS, ROWS);
        }
        assertThat(isHeldBelow(A, 1_900_000)).isTrue();
        assertThat(service.buffers().openBytes("b")).as("rows of others stay").isGreaterThan(800_000);
    }

    @Test
    void aRefusalAtAnOrganisationsShareSealsItsPartsAndNobodyElses() {
        start(SMALL_SEGMENTS, "memory-per-organisation", "2MB");
        fill(A, 1_200_000);
        fill(B, 800_000);
        assertThatThrownBy(() -> service.admission().admit("a", new RequestSize(-1, 0, 2_000_000)))
                .isInstanceOf(WeirException.class);
        assertThat(isHeldBelow(A, 1)).isTrue();
        assertThat(service.buffers().openBytes("b")).isGreaterThan(800_000);
    }

    @Test
    void aSmallLimitOfWaitingRowsIsFeltBeforeItIsReached() {
        start(SMALL_SEGMENTS, "memory-for-buffers", "2MB");
        for (int i = 0; i < 15; i++) {
            store(A, i * ROWS, ROWS);
        }
        assertThat(isHeldBelow(A, 1_900_000)).isTrue();
    }

    @Test
    void farFromEveryLimitNothingIsSealed() {
        start(SMALL_SEGMENTS);
        fill(A, 8_000_000);
        assertThat(within(Duration.ofMillis(200), () -> service.buffers().sealedBytes() > 0))
                .isFalse();
    }

    @Test
    void aLogThatOneLargeAppendFillsTakesAppendsAgain() {
        start(WalSettings.defaults().withSegmentSize(DataSize.ofKilobytes(64)).withMaxSize(DataSize.ofKilobytes(256)));
        store(A, 0, 100_000);
        assertThat(service.log().liveBytes()).isGreaterThan(256 << 10);
        IngestFixture.store(service, A, TestBatches.rows("m", "h", 0, 1, 1), null)
                .retryWhen(Retry.fixedDelay(400, Duration.ofMillis(25))
                        .filter(e -> e instanceof WeirException weir && weir.code() == CommonError.OVERLOADED))
                .block(IngestFixture.PATIENCE);
    }
}
