package io.weir.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.LineProtocolDecoder;
import io.weir.ingest.decode.Precision;
import io.weir.ingest.wal.SyncMode;
import io.weir.ingest.wal.WalAck;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalSettings;
import io.weir.ingest.wal.WriteAheadLog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.object.LocalObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;
import reactor.core.scheduler.Schedulers;

/** A log far larger than the memory for rows is replayed within that memory. */
class ReplayMemoryTest {

    private static final int MEGABYTES = Integer.getInteger("weir.replay.megabytes", 192);
    private static final DataSize MEMORY = DataSize.ofMegabytes(32);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final DatabaseId DATABASE = new DatabaseId("default", "logs");

    @TempDir
    Path directory;

    @Test
    void theStartHoldsNoMoreOfTheLogThanItsMemory() throws Exception { // REQUIREMENTS P3, invariants 3, 6, 9
        fillLog();
        assertThat(logBytes()).isGreaterThan(MEGABYTES * 900_000L);
        WeirSchedulers schedulers = WeirSchedulers.forCores(2);
        CatalogConnections connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 2);
        R2dbcCatalog catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE);
        catalog.migrate().block(PATIENCE);
        Path work = Files.createDirectories(directory.resolve("work"));
        IngestSettings settings = new Binder(
                        new MapConfigurationPropertySource(Map.of("weir.ingest.memory", MEMORY.toString())))
                .bindOrCreate("weir.ingest", IngestSettings.class);
        IngestService service = new IngestService(
                catalog,
                new LocalObjectStore(Files.createDirectories(directory.resolve("objects")), schedulers.io()),
                new IngestService.Places(directory.resolve("wal"), work, ""),
                settings,
                WalSettings.defaults(),
                schedulers,
                Clock.systemUTC());
        AtomicLong peak = new AtomicLong();
        AtomicBoolean started = new AtomicBoolean();
        Thread watch = new Thread(() -> {
            while (!started.get()) {
                peak.accumulateAndGet(service.budget().usedBytes(), Math::max);
                Thread.onSpinWait();
            }
        });
        watch.start();
        try {
            service.start();
            started.set(true);
            watch.join();
            assertThat(peak.get()).isBetween(1L, MEMORY.toBytes());
            service.flush().block(PATIENCE);
            var files = catalog.snapshot(DATABASE.table("line"), List.of()).block(PATIENCE);
            assertThat(files).isNotNull();
            assertThat(files.files().stream().mapToLong(file -> file.rows()).sum())
                    .isEqualTo(MEGABYTES * 1_000L);
        } finally {
            started.set(true);
            service.close();
            connections.close().block(PATIENCE);
            schedulers.close();
        }
    }

    private void fillLog() {
        WriteAheadLog log = WriteAheadLog.open(
                directory.resolve("wal"),
                WalSettings.defaults().withSync(SyncMode.ASYNC).withMaxSize(DataSize.ofTerabytes(1)),
                (append, hold) -> {},
                (append, hold) -> {}, // held for ever: the process ends before any flush
                Schedulers.parallel());
        for (int i = 0; i < MEGABYTES; i++) {
            log.append(new WalAppend(DATABASE, List.of(megabyte(i)), WalAck.WRITTEN))
                    .block(PATIENCE);
        }
        log.close();
    }

    private long logBytes() throws java.io.IOException {
        try (var files = Files.list(directory.resolve("wal"))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    /** A thousand rows of a thousand bytes that do not compress well, told apart by their times. */
    private static ColumnBatch megabyte(int number) {
        Random random = new Random(number);
        byte[] text = new byte[1_000];
        StringBuilder body = new StringBuilder(1 << 20);
        for (int row = 0; row < 1_000; row++) {
            random.nextBytes(text);
            for (int i = 0; i < text.length; i++) {
                text[i] = (byte) ('0' + (text[i] & 0x3F) % 64);
                text[i] = text[i] == '\\' ? (byte) '_' : text[i];
            }
            body.append("line text=\"")
                    .append(new String(text, StandardCharsets.US_ASCII))
                    .append("\" ");
            body.append(1_700_000_000_000_000_000L + (number * 1_000L + row) * 1_000)
                    .append('\n');
        }
        LineProtocolDecoder decoder = new LineProtocolDecoder(DecodeOptions.of(Precision.NANOSECOND, 0));
        byte[] bytes = body.toString().getBytes(StandardCharsets.US_ASCII);
        decoder.feed(bytes, 0, bytes.length);
        return decoder.finish().batches().get(0);
    }
}
