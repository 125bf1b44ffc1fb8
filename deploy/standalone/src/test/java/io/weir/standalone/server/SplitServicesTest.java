package io.weir.standalone.server;

import static io.weir.standalone.server.SplitServices.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.ingest.IngestService;
import io.weir.query.remote.RemoteHotRows;
import io.weir.query.snapshot.Freshness;
import io.weir.query.snapshot.SnapshotReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two ingest services on one catalog, read over their internal ports. Issue 5 item 6; LESSONS 20; invariant 2. */
class SplitServicesTest {

    private static final TableId TABLE = new DatabaseId("default", "iot").table("m");
    private static final int WRITERS = 2; // of each ingest service
    private static final int APPENDS = 150; // of each writer

    @TempDir
    Path directory;

    private SplitServices services;
    private RemoteHotRows remote;
    private SnapshotReader reader;

    @BeforeEach
    void open() throws IOException {
        services = new SplitServices(
                directory,
                Map.of(
                        "weir.ingest.flush-age", "20ms",
                        "weir.ingest.flush-max-age", "60ms",
                        "weir.ingest.flush-min-size", "1KB",
                        "weir.ingest.flush-size", "16KB"));
        remote = services.remote(
                Map.of("weir.query.hot-timeout", "30s"),
                services.ports.get(0).port(),
                services.ports.get(1).port());
        reader = services.reader(remote);
    }

    @AfterEach
    void close() {
        remote.close();
        services.close();
    }

    @Test
    void countsNeverFallAndNeverExceedWhatWasWrittenWhileBothFlush()
            throws ExecutionException, InterruptedException, TimeoutException {
        long seed = Long.getLong("weir.split.seed", System.nanoTime());
        System.out.println("split seed " + seed + " (repeat it with -Dweir.split.seed)");
        Random random = new Random(seed);
        AtomicLong begun = new AtomicLong();
        AtomicLong acknowledged = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (IngestService ingest : services.ingests) {
                for (int w = 0; w < WRITERS; w++) {
                    Random own = new Random(random.nextLong());
                    writers.add(threads.submit(() -> write(ingest, own, begun, acknowledged)));
                }
            }
            List<Future<Integer>> readers = new ArrayList<>();
            for (int r = 0; r < 2; r++) {
                readers.add(threads.submit(() -> poll(begun, acknowledged, over)));
            }
            for (Future<?> writer : writers) {
                writer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            over.set(true);
            for (Future<Integer> poll : readers) {
                assertThat(poll.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isGreaterThan(20);
            }
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
        assertThat(count(Freshness.VISIBLE)).isEqualTo(acknowledged.get());
        services.ingests.forEach(ingest -> ingest.flush().block(PATIENCE));
        assertThat(count(Freshness.COMMITTED)).isEqualTo(acknowledged.get());
        assertThat(count(Freshness.VISIBLE)).isEqualTo(acknowledged.get());
        assertThat(remote.memory().usedBytes()).isZero();
    }

    private static void write(IngestService ingest, Random random, AtomicLong begun, AtomicLong acknowledged) {
        for (int i = 0; i < APPENDS; i++) {
            int rows = 1 + random.nextInt(60);
            begun.addAndGet(rows);
            long time = random.nextInt(3) * 3_600_000_000L + random.nextInt(1_000_000);
            SplitServices.store(ingest, TABLE, SplitServices.batch("m", time, rows))
                    .block(PATIENCE);
            acknowledged.addAndGet(rows);
            if (random.nextInt(20) == 0) {
                ingest.flush().block(PATIENCE);
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(20_000)));
        }
    }

    private int poll(AtomicLong begun, AtomicLong acknowledged, AtomicBoolean over) {
        long last = 0;
        int polls = 0;
        while (!over.get()) {
            long least = Math.max(last, acknowledged.get());
            long seen = count(Freshness.VISIBLE);
            assertThat(seen).as("poll %d", polls).isBetween(least, begun.get());
            last = seen;
            polls++;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return polls;
    }

    private long count(Freshness freshness) {
        Long rows = SplitServices.count(reader, TABLE, freshness).block(PATIENCE);
        return rows == null ? 0 : rows;
    }

    @Test
    void aColumnThatTheOtherReplicaMadeIsMetWithItsType() {
        IngestService first = services.ingests.get(0);
        IngestService second = services.ingests.get(1);
        SplitServices.store(first, TABLE, SplitServices.batch("m", 0, 1)).block(PATIENCE);
        SplitServices.store(second, TABLE, SplitServices.batch("m", 5, 1)).block(PATIENCE);
        SplitServices.store(first, TABLE, withX(10, new LongColumn("x", ColumnType.INT64, new long[] {1}, null)))
                .block(PATIENCE);
        ColumnBatch other = withX(20, new DoubleColumn("x", new double[] {1.5}, null));
        WeirException failure = failure(second, other);
        assertThat(failure.code()).isEqualTo(CommonError.OVERLOADED);
        assertThat(failure.detail()).contains("send this one again");
        assertThat(second.schemas()
                        .open(TABLE.databaseId())
                        .block(PATIENCE)
                        .find("m")
                        .find("x"))
                .as("what the retry is decoded against")
                .isEqualTo(new Column("x", ColumnType.INT64));
        SplitServices.store(second, TABLE, withX(30, new LongColumn("x", ColumnType.INT64, new long[] {2}, null)))
                .block(PATIENCE);
        assertThat(count(Freshness.VISIBLE)).isEqualTo(4);
        services.ingests.forEach(ingest -> ingest.flush().block(PATIENCE));
        assertThat(count(Freshness.VISIBLE)).isEqualTo(4);
    }

    private static WeirException failure(IngestService ingest, ColumnBatch batch) {
        try {
            SplitServices.store(ingest, TABLE, batch).block(PATIENCE);
        } catch (WeirException e) {
            return e;
        }
        throw new AssertionError("stored a column with two types");
    }

    private static ColumnBatch withX(long time, FieldColumn x) {
        return new ColumnBatch(
                "m",
                1,
                new long[] {time},
                null,
                new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]),
                new int[] {0},
                List.of(x));
    }
}
