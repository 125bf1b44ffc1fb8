package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.ValidationDepth;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class FactoryLifecycleTest extends SqliteFixture {

    @Test
    void connectionsAreSetUpAsConfigured() {
        SqliteConnection connection = open();
        assertThat(awaitAll(select(connection, "PRAGMA journal_mode"))).containsExactly("wal");
        assertThat(awaitAll(select(connection, "PRAGMA foreign_keys"))).containsExactly(1L);
        assertThat(awaitAll(select(connection, "PRAGMA synchronous"))).containsExactly(0L);
        assertThat(awaitAll(select(connection, "PRAGMA busy_timeout"))).containsExactly(0L);
    }

    @ParameterizedTest
    @EnumSource(JournalMode.class)
    void everyJournalModeIsSet(JournalMode mode) {
        SqliteConnectionFactory other =
                SqliteConnectionFactory.of(configuration().journalMode(mode).build());
        SqliteConnection connection = (SqliteConnection) await(other.create());
        assertThat(awaitAll(select(connection, "PRAGMA journal_mode")).toString())
                .isEqualToIgnoringCase("[" + mode + "]");
        run(other.close());
        assertNothingLeft(other);
    }

    @ParameterizedTest
    @EnumSource(SynchronousMode.class)
    void everySynchronousModeIsSet(SynchronousMode mode) {
        SqliteConnectionFactory other = SqliteConnectionFactory.of(
                configuration().synchronous(mode).foreignKeys(false).build());
        SqliteConnection connection = (SqliteConnection) await(other.create());
        assertThat(awaitAll(select(connection, "PRAGMA synchronous"))).containsExactly((long) mode.ordinal());
        assertThat(awaitAll(select(connection, "PRAGMA foreign_keys"))).containsExactly(0L);
        run(other.close());
    }

    @Test
    void theConnectionTellsTheVersionOfSqlite() {
        assertThat(open().getMetadata().getDatabaseProductName()).isEqualTo("SQLite");
        assertThat(open().getMetadata().getDatabaseVersion()).startsWith("3.");
    }

    @Test
    void aClosedConnectionRefusesEverything() {
        SqliteConnection connection = open();
        run(connection.close());
        run(connection.close());
        assertThat(failure(select(connection, "SELECT 1")))
                .isInstanceOf(R2dbcNonTransientResourceException.class)
                .hasMessage("connection is closed");
        assertThat(failure(connection.beginTransaction())).hasMessage("connection is closed");
        assertThat(await(connection.validate(ValidationDepth.LOCAL))).isFalse();
        assertThat(await(connection.validate(ValidationDepth.REMOTE))).isFalse();
    }

    @Test
    void closeOfAConnectionInterruptsWhatItRuns() {
        SqliteConnection connection = open();
        Probe probe = probe(connection);
        Sinks.Empty<Object> end = Sinks.empty();
        select(connection, ENDLESS + "SELECT count(probe(x)) FROM c")
                .subscribe(row -> {}, end::tryEmitError, end::tryEmitEmpty);
        probe.awaitStart();
        run(connection.close());
        assertThat(failure(end.asMono())).hasMessageContaining("SQLITE_INTERRUPT");
    }

    @Test
    void closeOfTheFactoryInterruptsClosesAndRefuses() {
        SqliteConnection running = open();
        SqliteConnection idle = open();
        run(idle.beginTransaction());
        Probe probe = probe(running);
        Sinks.Empty<Object> end = Sinks.empty();
        select(running, ENDLESS + "SELECT count(probe(x)) FROM c")
                .subscribe(row -> {}, end::tryEmitError, end::tryEmitEmpty);
        probe.awaitStart();
        run(factory.close());
        assertThat(failure(end.asMono())).hasMessageContaining("SQLITE_INTERRUPT");
        assertNothingLeft(factory);
        assertThat(failure(factory.create()))
                .isInstanceOf(R2dbcNonTransientResourceException.class)
                .hasMessage("connection factory of " + file + " is closed");
        run(factory.close());
    }

    @Test
    void rowsBeingReadEndWithAnErrorWhenTheConnectionCloses() {
        SqliteConnection connection = open();
        StepVerifier.create(select(connection, ENDLESS + "SELECT x FROM c"), 2)
                .expectNext(1L, 2L)
                .then(() -> run(connection.close()))
                .thenRequest(1)
                .expectErrorMessage("connection is closed")
                .verify(PATIENCE);
    }

    @Test
    void aCancelledOpenLeavesNothing() {
        Queue<Connection> received = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 200; i++) {
            // Keeps also what comes at the same time as its cancel, which most operators would drop.
            BaseSubscriber<Connection> opening = new BaseSubscriber<>() {
                @Override
                protected void hookOnNext(Connection connection) {
                    received.add(connection);
                }
            };
            factory.create().subscribe(opening);
            run(Mono.delay(Duration.ofNanos(i * 20_000L)).doOnNext(tick -> opening.cancel()));
        }
        run(Flux.fromIterable(received).concatMap(Connection::close));
        // Opens that were under way when they were cancelled end on their workers.
        run(Mono.delay(Duration.ofMillis(1))
                .repeat()
                .filter(tick -> factory.metrics().openConnections() == 0)
                .next());
    }

    @Test
    void openWaitsForTheLockItNeedsToSwitchTheJournal() {
        run(factory.close());
        factory = SqliteConnectionFactory.of(
                configuration().journalMode(JournalMode.DELETE).build());
        SqliteConnection owner = open();
        run(update(owner, "CREATE TABLE t (a)"));
        run(owner.beginTransaction());
        SqliteConnectionFactory wal = SqliteConnectionFactory.of(configuration().build());
        Sinks.One<Connection> opened = Sinks.one();
        wal.create().subscribe(opened::tryEmitValue, opened::tryEmitError);
        run(Mono.delay(Duration.ofMillis(1))
                .repeat()
                .filter(tick -> wal.metrics().busyRetries() > 0)
                .next());
        run(owner.close());
        run(await(opened.asMono()).close());
        run(wal.close());
        assertNothingLeft(wal);
    }

    @Test
    void inMemoryDataIsSharedByTheConnectionsAndEndsWithTheFactory() {
        SqliteConnectionFactory memory = SqliteConnectionFactory.of(
                SqliteConnectionConfiguration.builder().inMemory("lifecycle").build());
        SqliteConnectionFactory sameName = SqliteConnectionFactory.of(
                SqliteConnectionConfiguration.builder().inMemory("lifecycle").build());
        SqliteConnectionFactory secret = SqliteConnectionFactory.of(
                SqliteConnectionConfiguration.builder().inMemory().build());
        run(Mono.usingWhen(
                memory.create(), c -> update(c, "CREATE TABLE t (a); INSERT INTO t VALUES (1)"), Connection::close));
        for (SqliteConnectionFactory same : new SqliteConnectionFactory[] {memory, sameName}) {
            assertThat(awaitAll(
                            Flux.usingWhen(same.create(), c -> select(c, "SELECT count(*) FROM t"), Connection::close)))
                    .containsExactly(1L);
        }
        assertThat(failure(Flux.usingWhen(secret.create(), c -> select(c, "SELECT * FROM t"), Connection::close)))
                .hasMessageContaining("no such table");
        run(Flux.merge(memory.close(), sameName.close(), secret.close()));
        SqliteConnectionFactory again = SqliteConnectionFactory.of(
                SqliteConnectionConfiguration.builder().inMemory("lifecycle").build());
        assertThat(failure(Flux.usingWhen(again.create(), c -> select(c, "SELECT * FROM t"), Connection::close)))
                .hasMessageContaining("no such table");
        run(again.close());
        assertNothingLeft(memory);
    }

    @Test
    void inMemoryWritersWaitForEachOther() {
        SqliteConnectionFactory memory = SqliteConnectionFactory.of(
                SqliteConnectionConfiguration.builder().inMemory().build());
        run(Mono.usingWhen(
                memory.create(), c -> update(c, "CREATE TABLE t (n); INSERT INTO t VALUES (0)"), Connection::close));
        run(Flux.range(0, 100)
                .flatMap(
                        i -> Mono.usingWhen(
                                memory.create(),
                                c -> Mono.from(c.beginTransaction())
                                        .then(update(c, "UPDATE t SET n = n + 1"))
                                        .then(Mono.from(c.commitTransaction())),
                                Connection::close),
                        4));
        assertThat(awaitAll(Flux.usingWhen(memory.create(), c -> select(c, "SELECT n FROM t"), Connection::close)))
                .containsExactly(100);
        run(memory.close());
        assertNothingLeft(memory);
    }
}
