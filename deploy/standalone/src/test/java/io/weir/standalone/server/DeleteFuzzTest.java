package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.ColumnType;
import io.weir.query.delete.DeleteAnswer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deletes of rows, hot ones and those in files, against a set of numbers. REQUIREMENTS L3; LESSONS 19, 20. */
class DeleteFuzzTest {

    private static final int ROUNDS = 2;
    private static final int STEPS = 40;
    private static final int ASKED = 60;
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final long START = 1_704_067_200_000_000L; // 2024

    @TempDir
    Path directory;

    private static ColumnBatch batch(long from, int rows) {
        BatchBuilder builder = new BatchBuilder("m");
        for (long n = from; n < from + rows; n++) {
            builder.setLong(builder.field("n", ColumnType.INT64), n);
            builder.endRow(builder.series().intern(), START + n * 60_000_000L, 0);
        }
        return builder.build();
    }

    private static ColumnBatch texts(long from) {
        BatchBuilder builder = new BatchBuilder("m");
        byte[] text = ("t" + from).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        builder.setString(builder.field("n", ColumnType.STRING), text, 0, text.length);
        builder.endRow(builder.series().intern(), START + from, 0);
        return builder.build();
    }

    /** A condition, and what it says of a number. */
    private record Condition(String where, LongPredicate holds) {

        static Condition of(Random random, long most) {
            long a = random.nextInt((int) most + 10);
            long b = a + random.nextInt(30);
            int k = 2 + random.nextInt(6);
            return switch (random.nextInt(4)) {
                case 0 -> new Condition("n % " + k + " = 0", n -> n % k == 0);
                case 1 -> new Condition("n BETWEEN " + a + " AND " + b, n -> n >= a && n <= b);
                case 2 ->
                    new Condition(
                            "time >= make_timestamptz(" + (START + a * 60_000_000L) + ") AND time < make_timestamptz("
                                    + (START + b * 60_000_000L) + ")",
                            n -> n >= a && n < b);
                default ->
                    new Condition(
                            "time < '" + java.time.Instant.ofEpochSecond(START / 1_000_000 + a * 60) + "'", n -> n < a);
            };
        }
    }

    private static List<Long> numbers(LastValueHouse house) {
        List<Long> numbers = new ArrayList<>();
        for (String line : house.plain("SELECT n FROM m").split("\n")) {
            if (!line.isEmpty()) {
                numbers.add(Long.parseLong(line.replaceAll("\\D", "")));
            }
        }
        return numbers;
    }

    @Test
    void everyDeleteTakesTheRowsThatWereThereAndNoOthers() {
        long first = Long.getLong("weir.fuzz.seed", new Random().nextLong());
        for (int round = 0; round < ROUNDS; round++) {
            long seed = first + round;
            System.out.println("DeleteFuzzTest seed " + seed);
            Random random = new Random(seed);
            try (LastValueHouse house = new LastValueHouse(directory.resolve("round" + round), LastValueHouse.ROOMY)) {
                live(house, random, seed);
            }
        }
    }

    private static void live(LastValueHouse house, Random random, long seed) {
        Set<Long> model = new TreeSet<>();
        long next = 0;
        for (int step = 0; step < STEPS; step++) {
            int action = step == 0 ? 0 : random.nextInt(20);
            String done;
            if (action < 8) {
                int rows = 1 + random.nextInt(250);
                house.write(batch(next, rows));
                for (int i = 0; i < rows; i++) {
                    model.add(next++);
                }
                done = "a write";
            } else if (action < 11) {
                house.flush();
                done = "a flush";
            } else if (action < 16) {
                Condition condition = Condition.of(random, next);
                DeleteAnswer answer = house.deleteRows(condition.where());
                long before = model.size();
                model.removeIf(condition.holds()::test);
                assertThat(answer.rows())
                        .as("seed %d, step %d: rows of %s", seed, step, condition.where())
                        .isEqualTo(before - model.size());
                assertThat(answer.totalRows()).isGreaterThanOrEqualTo(before);
                done = "a delete where " + condition.where();
            } else if (action < 19) {
                house.rewriteDeleted();
                long inFiles =
                        house.files().stream().mapToLong(file -> file.rows()).sum();
                assertThat(inFiles)
                        .as("seed %d, step %d: rows in files", seed, step)
                        .isLessThanOrEqualTo(model.size());
                done = "a rewriting";
            } else {
                house.restart();
                done = "a restart";
            }
            assertThat(numbers(house))
                    .as("seed %d, step %d, after %s", seed, step, done)
                    .containsExactlyInAnyOrderElementsOf(model);
        }
        house.flush();
        house.rewriteDeleted();
        assertThat(house.files().stream().mapToLong(file -> file.rows()).sum()).isEqualTo(model.size());
    }

    @Test
    void noDeletedRowComesBackAndNoOtherIsLostWhileAllGoesOn() throws InterruptedException {
        long seed = Long.getLong("weir.fuzz.seed", new Random().nextLong());
        System.out.println("DeleteFuzzTest seed " + seed);
        try (LastValueHouse house = new LastValueHouse(directory.resolve("busy"), LastValueHouse.ROOMY)) {
            house.write(batch(0, 10));
            AtomicLong begun = new AtomicLong(10);
            AtomicLong acknowledged = new AtomicLong(10);
            Set<Long> mayBeGone = new ConcurrentSkipListSet<>();
            Set<Long> mustBeGone = new ConcurrentSkipListSet<>();
            AtomicBoolean over = new AtomicBoolean();
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            Random random = new Random(seed);
            List<Thread> threads = List.of(
                    thread("writer", over, failure, () -> {
                        long from = begun.getAndAdd(5);
                        house.write(batch(from, 5));
                        acknowledged.set(from + 5);
                    }),
                    thread("flusher", over, failure, house::flush),
                    thread("rewriter", over, failure, house::rewriteSome),
                    thread("deleter", over, failure, () -> {
                        // Of rows that are acknowledged, so that it is certain what goes; others of the same condition
                        // come later.
                        long most = acknowledged.get();
                        int k = 2 + random.nextInt(9);
                        int rest = random.nextInt(k);
                        Set<Long> going = new HashSet<>();
                        for (long n = 0; n < most + 5; n++) {
                            if (n % k == rest) {
                                going.add(n);
                            }
                        }
                        // Rows on their way may go or stay, but those of another time may not.
                        String where = "n % " + k + " = " + rest + " AND time < make_timestamptz("
                                + (START + most * 60_000_000L) + ")";
                        going.removeIf(n -> n >= most);
                        mayBeGone.addAll(going);
                        house.deleteRows(where);
                        mustBeGone.addAll(going);
                    }));
            try {
                for (int asked = 0; asked < ASKED && failure.get() == null; asked++) {
                    long least = acknowledged.get();
                    Set<Long> gone = new HashSet<>(mustBeGone);
                    List<Long> seen = numbers(house);
                    long most = begun.get();
                    Set<Long> perhaps = new HashSet<>(mayBeGone);
                    Set<Long> once = new HashSet<>(seen);
                    assertThat(once).as("seed %d: each row once", seed).hasSize(seen.size());
                    assertThat(once).as("seed %d: deleted rows", seed).noneMatch(gone::contains);
                    for (long n = 0; n < least; n++) {
                        if (!perhaps.contains(n) && !once.contains(n)) {
                            throw new AssertionError("seed " + seed + ": row " + n + " is lost");
                        }
                    }
                    assertThat(once).as("seed %d", seed).allMatch(n -> n < most);
                }
            } finally {
                over.set(true);
                for (Thread thread : threads) {
                    thread.join();
                }
            }
            assertThat(failure.get()).as("seed %d", seed).isNull();
            assertThat(mustBeGone).isNotEmpty();
        }
    }

    private static Thread thread(
            String name, AtomicBoolean over, AtomicReference<@Nullable Throwable> failure, Runnable work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!over.get()) {
                            work.run();
                            // Deletes that come faster than files are rewritten only make every query slower.
                            LockSupport.parkNanos(PAUSE.toNanos());
                        }
                    } catch (RuntimeException | Error e) {
                        failure.set(e);
                    }
                },
                "test-" + name);
        thread.start();
        return thread;
    }

    @Test
    void aDroppedMeasurementComesBackWithoutItsRowsAndWithOtherTypes() {
        try (LastValueHouse house = new LastValueHouse(directory.resolve("dropped"), LastValueHouse.ROOMY)) {
            house.write(batch(0, 10));
            house.flush();
            house.write(batch(10, 10)); // hot
            house.deleteRows("n % 2 = 0");
            house.write(batch(20, 10)); // hot
            house.drop();
            house.write(texts(1));
            assertThat(house.plain("SELECT n FROM m")).isEqualTo("{\"n\":\"t1\"}\n");
            house.restart();
            assertThat(house.plain("SELECT n FROM m")).isEqualTo("{\"n\":\"t1\"}\n");
            house.flush();
            assertThat(house.plain("SELECT n FROM m")).isEqualTo("{\"n\":\"t1\"}\n");
            assertThat(house.files()).hasSize(1);
        }
    }

    @Test
    void rowsWrittenWhileAMeasurementIsDroppedAreDroppedOrStayAndNeverStopAFlush() throws InterruptedException {
        try (LastValueHouse house = new LastValueHouse(directory.resolve("raced"), LastValueHouse.ROOMY)) {
            AtomicBoolean over = new AtomicBoolean();
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            AtomicLong next = new AtomicLong();
            house.write(batch(0, 1));
            Thread writer = thread("writer", over, failure, () -> {
                try {
                    house.write(batch(next.incrementAndGet(), 1));
                } catch (io.weir.common.error.WeirException e) {
                    assertThat(e.code()).isEqualTo(io.weir.common.error.CommonError.OVERLOADED);
                }
            });
            for (int i = 0; i < 10; i++) {
                long before = next.get();
                house.drop();
                house.write(batch(1_000_000 + i, 1));
                List<Long> seen = numbers(house);
                assertThat(seen).contains(1_000_000L + i).allMatch(n -> n >= before);
            }
            over.set(true);
            writer.join();
            assertThat(failure.get()).isNull();
            house.flush();
        }
    }
}
