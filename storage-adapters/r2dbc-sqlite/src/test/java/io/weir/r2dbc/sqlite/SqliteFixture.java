package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.ValidationDepth;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Publisher;
import org.springframework.test.util.ReflectionTestUtils;
import org.sqlite.SQLiteConnection;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A factory on a new file for every test, and the check that the test left nothing open. */
abstract class SqliteFixture {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Never ends by itself; every row passes through the probe. */
    static final String ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) ";

    @TempDir
    Path directory;

    Path file;
    SqliteConnectionFactory factory;

    private final Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();

    @BeforeEach
    void openFactory() {
        file = directory.resolve("test.db");
        factory = SqliteConnectionFactory.of(configuration().build());
    }

    SqliteConnectionConfiguration.Builder configuration() {
        return SqliteConnectionConfiguration.builder().path(file).synchronous(SynchronousMode.OFF);
    }

    @AfterEach
    void closeFactoryAndFindNothingLeft() {
        run(factory.close());
        assertNothingLeft(factory);
        assertDriverThreadsEnd();
    }

    /** A thread pool says it has ended a moment before its last thread does. */
    private void assertDriverThreadsEnd() {
        for (Thread thread : driverThreads()) {
            join(thread);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    static void assertNothingLeft(SqliteConnectionFactory factory) {
        assertThat(factory.metrics().openConnections()).as("open connections").isZero();
        assertThat(factory.metrics().openStatements()).as("open statements").isZero();
    }

    /** The threads of the drivers that this test made. */
    List<Thread> driverThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("weir-sqlite") && !threadsBefore.contains(thread))
                .toList();
    }

    SqliteConnection open() {
        return (SqliteConnection) await(factory.create());
    }

    /** Runs with a connection of its own. */
    <T> Flux<T> with(Function<Connection, Publisher<T>> work) {
        return Flux.usingWhen(factory.create(), work, Connection::close);
    }

    static Mono<Long> update(Connection connection, String sql, Object... values) {
        return Flux.defer(() -> bound(connection, sql, values).execute())
                .flatMap(result -> result.getRowsUpdated(), 1)
                .reduce(0L, Long::sum);
    }

    static Flux<Object> select(Connection connection, String sql, Object... values) {
        return Flux.defer(() -> bound(connection, sql, values).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)), 1);
    }

    private static Statement bound(Connection connection, String sql, Object... values) {
        Statement statement = connection.createStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.bind(i, values[i]);
        }
        return statement;
    }

    static <T> T await(Publisher<T> publisher) {
        List<T> values = awaitAll(publisher);
        assertThat(values).hasSize(1);
        return values.get(0);
    }

    static <T> List<T> awaitAll(Publisher<T> publisher) {
        return get(Flux.from(publisher).collectList(), PATIENCE);
    }

    static void run(Publisher<?> publisher) {
        run(publisher, PATIENCE);
    }

    static void run(Publisher<?> publisher, Duration patience) {
        get(Flux.from(publisher).then(Mono.just(true)), patience);
    }

    static Throwable failure(Publisher<?> publisher) {
        Optional<Throwable> error = get(
                Flux.from(publisher)
                        .then(Mono.just(Optional.<Throwable>empty()))
                        .onErrorResume(e -> Mono.just(Optional.of(e))),
                PATIENCE);
        assertThat(error).as("an error").isPresent();
        return error.get();
    }

    /** Parks until the value is there: a StepVerifier would spin, on one of few cores. */
    private static <T> T get(Mono<T> mono, Duration patience) {
        try {
            return mono.toFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Waits until everything queued on the connection's worker before has run. */
    static void settle(SqliteConnection connection) {
        assertThat(await(connection.validate(ValidationDepth.REMOTE))).isTrue();
    }

    /** Adds the SQL function {@code probe(x)}, which answers x, to one connection. */
    static Probe probe(SqliteConnection connection) {
        Object session = ReflectionTestUtils.getField(connection, "session");
        SQLiteConnection jdbc = (SQLiteConnection) ReflectionTestUtils.getField(session, "jdbc");
        return new Probe(jdbc);
    }
}
