package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.ColumnType;
import io.weir.storage.catalog.DataFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Newest rows that are kept against the plain plan: whatever happened to the measurement, both give the same. Invariants 1, 2. */
class LastValueFuzzTest {

    private static final int ROUNDS = 3;
    private static final int STEPS = 40;

    /** Depend on no choice among rows of one time: those either are told apart by n, or may all come. */
    private static final List<String> STATEMENTS = List.of(
            "SELECT c.* FROM m c JOIN (SELECT host, max(time) AS mt FROM m GROUP BY host) l ON c.host = l.host AND c.time = l.mt",
            "SELECT c.n, c.a FROM m c JOIN (SELECT host, region, max(time) AS t FROM m GROUP BY host, region) l ON c.host = l.host AND l.region = c.region AND c.time = l.t WHERE c.n % 2 = 0",
            "SELECT count(*) AS c, sum(n) AS s FROM m JOIN (SELECT host, max(time) AS time FROM m WHERE region = 'r1' GROUP BY host) USING (host, time)",
            "SELECT count(*) AS c, sum(n) AS s FROM m JOIN (SELECT host, max(time) AS time FROM m WHERE host IN ('h0', 'h3') AND time > '2024-01-01 00:50:00' GROUP BY host) USING (host, time)",
            "SELECT * FROM m WHERE (host, time) IN (SELECT host, max(time) FROM m GROUP BY host)",
            "SELECT n, host FROM m WHERE (host, time) IN (SELECT host, max(time) FROM m WHERE region = 'r0' GROUP BY host)",
            "SELECT host, max(time) AS t FROM m GROUP BY host",
            "SELECT host, region, max(time) AS t, count(*) OVER () AS c FROM (SELECT host, region, max(time) AS time FROM m GROUP BY ALL) GROUP BY ALL",
            "SELECT max(time) AS t FROM m WHERE host IN ('h1', 'h2') AND time > '2024-01-01 01:00:00'",
            "SELECT DISTINCT ON (host) * FROM m ORDER BY host, time DESC, n DESC",
            "SELECT DISTINCT ON (region, host) n, a, s FROM m WHERE host <> 'h0' OR region IS NULL ORDER BY host, region, time DESC, n",
            "SELECT * FROM m QUALIFY row_number() OVER (PARTITION BY host ORDER BY time DESC, n) = 1",
            "SELECT * FROM m QUALIFY rank() OVER (PARTITION BY region, host ORDER BY time DESC) = 1",
            "SELECT * FROM m WHERE host = 'h1' AND time >= '2024-01-01 00:30:00' ORDER BY time DESC, n LIMIT 1",
            "SELECT * FROM m ORDER BY time DESC, n LIMIT 1",
            "SELECT DISTINCT host, region FROM m",
            "SELECT host FROM m GROUP BY 1");

    /** Need times that differ within a host. */
    private static final List<String> OF_DISTINCT_TIMES = List.of(
            "SELECT host, arg_max(a, time) AS a, max_by(b, time) AS b, arg_max(s, time) AS s, arg_max(ok, time) AS ok, arg_max(n, time) AS n, max(time) AS time FROM m GROUP BY host",
            "SELECT host, last(a ORDER BY time) AS a, first(b ORDER BY time DESC) AS b, any_value(s ORDER BY time DESC) AS s FROM m GROUP BY host",
            "SELECT host, region, round(arg_max(a, time), 3) AS a FROM m WHERE time > '2024-01-01 00:45:00' GROUP BY host, region HAVING max(time) > '2024-01-01 01:10:00'",
            "SELECT arg_max(a, time) AS a, arg_max(host, time) AS h, arg_max(ok, time) AS ok FROM m WHERE host = 'h2'");

    @TempDir
    Path directory;

    private static void tag(BatchBuilder builder, String name, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int tag = builder.series().tag(name);
        builder.series().stage(tag, builder.series().code(tag, utf8, 0, utf8.length));
    }

    /** Rows of some series and, where {@code distinct}, of times that no other row of their host has. */
    private static ColumnBatch batch(Random random, AtomicLong next, boolean distinct, boolean wider) {
        BatchBuilder builder = new BatchBuilder("m");
        for (int rows = 1 + random.nextInt(40); rows > 0; rows--) {
            long n = next.incrementAndGet();
            int host = random.nextInt(4);
            tag(builder, "host", "h" + host);
            if (random.nextInt(3) > 0) {
                tag(builder, "region", "r" + random.nextInt(2));
            }
            builder.setLong(builder.field("n", ColumnType.INT64), n);
            if (random.nextInt(3) > 0) {
                builder.setDouble(builder.field("a", ColumnType.FLOAT64), random.nextInt(1000) / 8.0);
            }
            if (random.nextInt(8) == 0) {
                builder.setLong(builder.field("b", ColumnType.UINT64), random.nextLong());
            }
            if (random.nextInt(4) == 0) {
                byte[] text = ("s" + random.nextInt(50)).getBytes(StandardCharsets.UTF_8);
                builder.setString(builder.field("s", ColumnType.STRING), text, 0, text.length);
            }
            if (wider && random.nextInt(4) == 0) {
                builder.setBoolean(builder.field("ok", ColumnType.BOOLEAN), random.nextBoolean());
            }
            long start = 1_704_067_200_000_000L; // 2024
            long micros = start + (distinct ? n * 7_919 % 10_000 * 1_000_000 + n : random.nextInt(180) * 60_000_000L);
            builder.endRow(builder.series().intern(), micros, distinct || random.nextBoolean() ? 0 : random.nextInt(3));
        }
        return builder.build();
    }

    private static String lines(String result) {
        String[] lines = result.split("\n");
        Arrays.sort(lines);
        return String.join("\n", lines);
    }

    @Test
    void keptRowsAnswerAsAllRowsDo() {
        long first = Long.getLong("weir.fuzz.seed", new Random().nextLong());
        for (int round = 0; round < ROUNDS; round++) {
            long seed = first + round;
            System.out.println("LastValueFuzzTest seed " + seed);
            try (LastValueHouse house = new LastValueHouse(directory.resolve("round" + round), LastValueHouse.ROOMY)) {
                live(house, new Random(seed), seed, round % 2 == 0);
                assertThat(house.answered()).as("seed %d", seed).isGreaterThan(STEPS);
            }
        }
    }

    private static void live(LastValueHouse house, Random random, long seed, boolean distinct) {
        AtomicLong next = new AtomicLong();
        house.write(batch(random, next, distinct, true)); // so that all columns may exist from the start
        for (int column = 0; column < 5; column++) {
            house.write(batch(random, next, distinct, true));
        }
        house.settle();
        for (int step = 0; step < STEPS; step++) {
            String done = act(house, random, next, distinct);
            for (int asked = 0; asked < 4; asked++) {
                boolean plainTimes = distinct && random.nextBoolean();
                List<String> statements = plainTimes ? OF_DISTINCT_TIMES : STATEMENTS;
                String sql = statements.get(random.nextInt(statements.size()));
                assertThat(lines(house.keeping(sql)))
                        .as("seed %d, step %d, after %s: %s", seed, step, done, sql)
                        .isEqualTo(lines(house.plain(sql)));
            }
        }
    }

    private static String act(LastValueHouse house, Random random, AtomicLong next, boolean distinct) {
        int action = random.nextInt(20);
        if (action < 9) {
            house.write(batch(random, next, distinct, random.nextBoolean()));
            return "a write";
        }
        if (action < 14) {
            house.told(random.nextInt(3) > 0);
            house.flush();
            return "a flush";
        }
        List<DataFile> files = house.files();
        if (action < 16 && !files.isEmpty()) {
            house.rewrite(files.get(random.nextInt(files.size())));
            return "a compaction";
        }
        if (action < 17 && files.size() > 3) {
            house.delete(files.get(random.nextInt(files.size())));
            return "a delete";
        }
        if (action < 18 && random.nextBoolean()) {
            house.deleteRows(random.nextBoolean() ? "n % 7 = " + random.nextInt(7) : "host = 'h3' AND n % 3 = 0");
            if (random.nextBoolean()) {
                house.rewriteDeleted();
            }
            return "a delete of rows";
        }
        if (action < 18) {
            house.restart();
            return "a restart";
        }
        house.rewriteDeleted(); // until then no newest rows are kept
        house.settle();
        return "a while";
    }

    @Test
    void acknowledgedRowsAreSeenOnceWhileFlushesGoOn() throws InterruptedException { // invariants 1, 2; LESSONS 20
        int hosts = 5;
        try (LastValueHouse house = new LastValueHouse(directory.resolve("busy"), LastValueHouse.ROOMY)) {
            write(house, 0, hosts);
            house.settle();
            AtomicLong acknowledged = new AtomicLong();
            AtomicBoolean over = new AtomicBoolean();
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            Thread writer = thread("writer", over, failure, () -> {
                long time = acknowledged.get() + 1;
                write(house, time, hosts);
                acknowledged.set(time);
            });
            Thread flusher = thread("flusher", over, failure, house::flush);
            try {
                for (int asked = 0; asked < 300; asked++) {
                    long atLeast = acknowledged.get();
                    String[] lines = house.keeping(
                                    "SELECT c.n FROM m c JOIN (SELECT host, max(time) AS t FROM m GROUP BY host) l"
                                            + " ON c.host = l.host AND c.time = l.t")
                            .split("\n");
                    assertThat(lines).as("each host once").hasSize(hosts);
                    assertThat(Long.parseLong(lines[0].replaceAll("\\D", "")))
                            .as("what was acknowledged before")
                            .isGreaterThanOrEqualTo(atLeast);
                    assertThat(lines).as("of one append").containsOnly(lines[0]);
                }
            } finally {
                over.set(true);
                writer.join();
                flusher.join();
            }
            assertThat(failure.get()).isNull();
            assertThat(house.answered()).isGreaterThan(100);
            assertThat(house.values().rebuilds())
                    .as("files read back, though every flush was told")
                    .isOne();
            assertThat(house.store().heldBytes()).isPositive();
        }
    }

    private static Thread thread(
            String name, AtomicBoolean over, AtomicReference<@Nullable Throwable> failure, Runnable work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!over.get()) {
                            work.run();
                        }
                    } catch (RuntimeException | Error e) {
                        failure.set(e);
                    }
                },
                "test-" + name);
        thread.start();
        return thread;
    }

    private static void write(LastValueHouse house, long time, int hosts) {
        BatchBuilder builder = new BatchBuilder("m");
        for (int host = 0; host < hosts; host++) {
            tag(builder, "host", "h" + host);
            builder.setLong(builder.field("n", ColumnType.INT64), time);
            builder.endRow(builder.series().intern(), time, 0);
        }
        house.write(builder.build());
    }
}
