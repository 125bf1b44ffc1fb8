package io.weir.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.LongColumn;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.buffer.TestBatches;
import io.weir.ingest.fault.FaultyCatalog;
import io.weir.ingest.wal.MemoryWalFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;

/**
 * The whole write path behind the edge, over a disk, a store and a catalog that fail: every row that was acknowledged is
 * seen exactly once, at every moment and after every end. Rows are numbers; a file is read back by DuckDB.
 */
class IngestFaultTest {

    private static final int CYCLES = Integer.getInteger("weir.fault.cycles", 200);
    private static final DatabaseId IOT = new DatabaseId("default", "iot");
    private static final List<TableId> TABLES = List.of(IOT.table("a"), IOT.table("b"), IOT.table("c"));
    private static final long HOUR = 3_600_000_000L;

    @TempDir
    Path directory;

    private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
    private final FaultyCatalog.Tables tables = new FaultyCatalog.Tables();
    private final Map<String, List<Long>> numbersOfFile = new HashMap<>();
    private final Map<TableId, Set<Long>> acknowledged = new HashMap<>();
    private final Map<TableId, Set<Long>> sent = new HashMap<>();
    private long nextNumber = 1;
    private WeirSchedulers schedulers;
    private Connection duck;

    @BeforeEach
    void open() throws SQLException {
        schedulers = WeirSchedulers.forCores(2);
        duck = DriverManager.getConnection("jdbc:duckdb:");
        TABLES.forEach(table -> {
            acknowledged.put(table, new HashSet<>());
            sent.put(table, new HashSet<>());
        });
    }

    @AfterEach
    void close() throws SQLException {
        duck.close();
        schedulers.close();
    }

    private FaultRun start(long seed, MemoryWalFileSystem disk, Duration stopPatience) {
        return new FaultRun(seed, disk, objects, tables, directory, schedulers, stopPatience);
    }

    @Test
    void everyAcknowledgedRowIsSeenExactlyOnceWhateverFails() throws Exception { // LESSONS 1, 3, 8, 13, 15
        long seed = Long.getLong("weir.fault.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        MemoryWalFileSystem disk = new MemoryWalFileSystem(seed);
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            String context = "seed " + seed + " cycle " + cycle;
            int end = random.nextInt(4);
            FaultRun run = start(random.nextLong(), disk, end == 0 ? FaultRun.PATIENCE : Duration.ofMillis(1));
            check(run, context + " after the start");
            run.faults.chance(random.nextInt(3) * 0.15);
            for (int step = random.nextInt(12); step > 0; step--) {
                step(run, random);
                if (random.nextInt(4) == 0) {
                    check(run, context);
                }
            }
            if (end == 0) { // all is well again: everything gets into files
                run.faults.outage(false);
                run.faults.chance(0);
                run.service.flush().block(FaultRun.PATIENCE);
                for (TableId table : TABLES) {
                    assertThat(acknowledgedIn(table, run.see(table).batches()))
                            .as("%s: acknowledged before the flush and in no file behind it", context)
                            .isEmpty();
                }
            }
            check(run, context + " before the end");
            disk = end < 2 ? run.stop() : end == 2 ? run.kill() : run.crash();
        }
        FaultRun last = start(0, disk, FaultRun.PATIENCE);
        check(last, "seed " + seed + " at last");
        last.stop();
        assertThat(acknowledged.values().stream().mapToInt(Set::size).sum()).isGreaterThan(CYCLES * 3);
    }

    private void step(FaultRun run, Random random) {
        switch (random.nextInt(10)) {
            case 0 -> run.faults.outage(random.nextBoolean());
            case 1 -> run.service.flush().subscribe();
            case 2 -> run.service.flush().subscribe().dispose();
            case 3 -> cancelledAmongOthers(run, random);
            default -> write(run, random);
        }
    }

    private void write(FaultRun run, Random random) {
        Sent write = rows(random);
        try {
            run.write(write.table(), write.batches()).block(Duration.ofMillis(500));
            acknowledged.get(write.table()).addAll(write.numbers());
        } catch (RuntimeException e) {
            // not acknowledged: it may be there once, or not at all
        }
    }

    /** Cancelling one request disturbs none of the others. */
    private void cancelledAmongOthers(FaultRun run, Random random) { // LESSONS 4
        Sent left = rows(random);
        Sent stays = rows(random);
        Disposable cancelled =
                run.write(left.table(), left.batches()).onErrorComplete().subscribe();
        CompletableFuture<Boolean> other = run.write(stays.table(), stays.batches())
                .thenReturn(true)
                .timeout(Duration.ofMillis(500))
                .onErrorReturn(false)
                .toFuture();
        cancelled.dispose();
        if (other.join()) {
            acknowledged.get(stays.table()).addAll(stays.numbers());
        }
    }

    private record Sent(TableId table, List<ColumnBatch> batches, List<Long> numbers) {}

    /** One to three batches of one measurement, each beginning in one of three hours. */
    private Sent rows(Random random) {
        TableId table = TABLES.get(random.nextInt(TABLES.size()));
        List<ColumnBatch> batches = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int rows = random.nextInt(8) == 0 ? 400 : 1 + random.nextInt(4);
            long first = random.nextInt(3) * HOUR + HOUR - 2_000_000; // the third row is in the next hour
            batches.add(TestBatches.rows(table.measurement(), "h" + random.nextInt(3), first, nextNumber, rows));
            for (int row = 0; row < rows; row++) {
                numbers.add(nextNumber++);
            }
        }
        sent.get(table).addAll(numbers);
        return new Sent(table, batches, numbers);
    }

    private void check(FaultRun run, String context) throws Exception {
        for (TableId table : TABLES) {
            FaultRun.Seen seen = run.see(table);
            Set<Long> numbers = new HashSet<>();
            for (String file : seen.files()) {
                for (long number : numbersOf(file)) {
                    once(numbers, number, context);
                }
            }
            for (ColumnBatch batch : seen.batches()) {
                for (int row = 0; row < batch.rows(); row++) {
                    long number = ((LongColumn) batch.fields().get(0)).values()[row];
                    once(numbers, number, context);
                }
            }
            Set<Long> lost = new HashSet<>(acknowledged.get(table));
            lost.removeAll(numbers);
            assertThat(lost).as("%s: lost of %s", context, table).isEmpty();
            numbers.removeAll(sent.get(table));
            assertThat(numbers).as("%s: never sent to %s", context, table).isEmpty();
        }
    }

    /** A row whose writer gave up waiting may come at any time. */
    private Set<Long> acknowledgedIn(TableId table, List<ColumnBatch> batches) {
        Set<Long> numbers = new HashSet<>();
        for (ColumnBatch batch : batches) {
            long[] values = ((LongColumn) batch.fields().get(0)).values();
            for (int row = 0; row < batch.rows(); row++) {
                numbers.add(values[row]);
            }
        }
        numbers.retainAll(acknowledged.get(table));
        return numbers;
    }

    private static void once(Set<Long> numbers, long number, String context) {
        if (!numbers.add(number)) {
            throw new AssertionError(context + ": row " + number + " is seen twice");
        }
    }

    private List<Long> numbersOf(String key) throws SQLException, IOException {
        List<Long> known = numbersOfFile.get(key);
        if (known == null) {
            Path file = Files.write(directory.resolve("read-back"), objects.get(key));
            known = new ArrayList<>();
            try (Statement statement = duck.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT n FROM read_parquet('" + file + "')")) {
                while (rows.next()) {
                    known.add(rows.getLong(1));
                }
            }
            numbersOfFile.put(key, known);
        }
        return known;
    }
}
