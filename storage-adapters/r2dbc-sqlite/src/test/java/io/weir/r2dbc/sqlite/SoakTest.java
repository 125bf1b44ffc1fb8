package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.R2dbcException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Ten thousand operations, many of them broken on purpose, on connections that share threads; then counts what is left. */
class SoakTest extends SqliteFixture {
    private static final int OPERATIONS = 10_000;
    private static final int SLOTS = 6;
    private static final int PER_CONNECTION = 100;
    private static final int ENDLESS_KINDS = 4;
    private static final int QUICK_KINDS = 9;

    private final Map<String, AtomicInteger> outcomes = new ConcurrentHashMap<>();

    @Override
    SqliteConnectionConfiguration.Builder configuration() {
        return super.configuration().threads(4).busyTimeout(Duration.ofSeconds(10));
    }

    @Test
    void brokenOperationsLeaveNothingOpen() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        run(with(connection -> update(connection, "CREATE TABLE t (id INTEGER PRIMARY KEY, u INTEGER UNIQUE)")));
        Flux<Void> slots = Flux.range(0, SLOTS).flatMap(slot -> new Slot(new Random(seed + slot)).run(), SLOTS);
        run(slots, Duration.ofSeconds(120));
        System.out.println(new TreeMap<>(outcomes));
        assertThat(outcomes)
                .as("seed %s", seed)
                .containsOnlyKeys(
                        "ok",
                        "cancelled",
                        "mapping",
                        "IllegalStateException",
                        "R2dbcBadGrammarException",
                        "R2dbcDataIntegrityViolationException",
                        "R2dbcTimeoutException");
        // A connection's close is queued behind the closes of its cursors, so nothing may be open now.
        assertNothingLeft(factory);
        assertThat(awaitAll(with(connection -> select(connection, "PRAGMA integrity_check"))))
                .containsExactly("ok");
    }

    private void count(String outcome) {
        outcomes.computeIfAbsent(outcome, name -> new AtomicInteger()).incrementAndGet();
    }

    /** A caller with one connection at a time, which it sometimes replaces. */
    private final class Slot {
        private final Random random;

        Slot(Random random) {
            this.random = random;
        }

        Mono<Void> run() {
            return Flux.range(0, OPERATIONS / SLOTS / PER_CONNECTION + 1)
                    .concatMap(
                            round -> Mono.usingWhen(
                                    factory.create(),
                                    connection -> Flux.range(0, PER_CONNECTION)
                                            .concatMap(i -> operation((SqliteConnection) connection), 1)
                                            .then(),
                                    connection -> connection.close()),
                            1)
                    .then();
        }

        private Mono<Void> operation(SqliteConnection connection) {
            int id = random.nextInt(500);
            // Statements that run until they are stopped cost the most; the rest are quick.
            int kind = random.nextInt(100) < 6
                    ? random.nextInt(ENDLESS_KINDS)
                    : ENDLESS_KINDS + random.nextInt(QUICK_KINDS);
            return Flux.from(work(connection, kind, id))
                    .timeout(PATIENCE, Mono.error(new AssertionError("operation of kind " + kind + " hangs")))
                    .then(Mono.fromRunnable(() -> count(kind <= 1 ? "cancelled" : "ok")))
                    .onErrorResume(error -> {
                        boolean expected = error instanceof R2dbcException || error instanceof IllegalStateException;
                        count(expected ? error.getClass().getSimpleName() : "unexpected " + error);
                        return Mono.empty();
                    })
                    // Whatever happened in a transaction, the next operation starts without one.
                    .then(Mono.defer(connection::rollbackTransaction))
                    .then(connection.setStatementTimeout(Duration.ZERO));
        }

        private Publisher<?> work(SqliteConnection connection, int kind, int id) {
            return switch (kind) {
                case 0 ->
                    select(connection, ENDLESS + "SELECT x FROM c").take(Duration.ofNanos(random.nextInt(3_000_000)));
                case 1 ->
                    select(connection, ENDLESS + "SELECT count(*) FROM c")
                            .take(Duration.ofNanos(random.nextInt(3_000_000)));
                case 2 ->
                    connection
                            .setStatementTimeout(Duration.ofMillis(1 + random.nextInt(3)))
                            .thenMany(select(connection, ENDLESS + "SELECT count(*) FROM c"));
                case 3 ->
                    connection
                            .beginTransaction()
                            .then(update(connection, ENDLESS + "INSERT INTO t SELECT NULL, NULL FROM c"))
                            .timeout(Duration.ofNanos(1 + random.nextInt(2_000_000)), Mono.empty());
                case 4 -> update(connection, "INSERT OR REPLACE INTO t VALUES (?, ?)", id, id);
                case 5 -> select(connection, "SELECT * FROM missing");
                case 6 -> update(connection, "INSERT INTO t VALUES (?1, 1), (?1 + 1, 1)", 1000 + id);
                case 7 -> select(connection, ENDLESS + "SELECT x FROM c").take(random.nextInt(40));
                case 8 ->
                    connection
                            .createStatement("SELECT id FROM t; SELECT u FROM t")
                            .execute();
                case 9 ->
                    connection
                            .createStatement(ENDLESS + "SELECT x FROM c")
                            .execute()
                            .concatMap(result -> result.map((row, metadata) -> {
                                count("mapping");
                                throw new IllegalStateException("mapping");
                            }));
                case 10 ->
                    connection
                            .beginTransaction()
                            .then(update(connection, "INSERT OR REPLACE INTO t VALUES (?, ?)", id, id))
                            .then(id % 2 == 0 ? connection.commitTransaction() : connection.rollbackTransaction());
                case 11 ->
                    select(connection, "INSERT OR REPLACE INTO t VALUES (?, ?) RETURNING id", id, id)
                            .take(1);
                default ->
                    select(connection, "SELECT id FROM t LIMIT 20")
                            .concatMap(row -> select(connection, "SELECT u FROM t WHERE id = ?", row), 1);
            };
        }
    }
}
