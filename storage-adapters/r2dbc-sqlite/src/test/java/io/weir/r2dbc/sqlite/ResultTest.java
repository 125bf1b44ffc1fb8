package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.r2dbc.spi.R2dbcTransientResourceException;
import io.r2dbc.spi.Result;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class ResultTest extends SqliteFixture {
    private static final String NUMBERS =
            "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000) ";

    private SqliteConnection connection;

    @BeforeEach
    void createTable() {
        connection = open();
        run(update(connection, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"));
    }

    private int openStatements() {
        settle(connection);
        return factory.metrics().openStatements();
    }

    @Test
    void rowsAreReadOnlyAsRequested() {
        Probe probe = probe(connection);
        StepVerifier.create(select(connection, NUMBERS + "SELECT probe(x) FROM c"), 0)
                .thenRequest(1)
                .expectNext(1L)
                .then(() -> assertThat(probe.calls()).isEqualTo(1))
                .thenRequest(10)
                .expectNextCount(10)
                .then(() -> {
                    settle(connection);
                    assertThat(probe.calls()).isEqualTo(11);
                })
                .thenRequest(Long.MAX_VALUE)
                .expectNextCount(989)
                .expectComplete()
                .verify(PATIENCE);
        assertThat(openStatements()).isZero();
    }

    @Test
    void nothingRunsBeforeAResultIsRequested() {
        Probe probe = probe(connection);
        StepVerifier.create(
                        connection
                                .createStatement("SELECT probe(1); SELECT probe(2)")
                                .execute(),
                        0)
                .expectSubscription()
                .then(() -> {
                    settle(connection);
                    assertThat(probe.calls()).isZero();
                })
                .thenRequest(1)
                .expectNextCount(1)
                .then(() -> {
                    settle(connection);
                    assertThat(probe.calls()).isEqualTo(1);
                })
                .thenCancel()
                .verify(PATIENCE);
    }

    @Test
    void cancelBetweenRequestsClosesTheCursor() {
        StepVerifier.create(select(connection, NUMBERS + "SELECT x FROM c"), 3)
                .expectNext(1L, 2L, 3L)
                .then(() -> assertThat(factory.metrics().openStatements()).isOne())
                .thenCancel()
                .verify(PATIENCE);
        assertThat(openStatements()).isZero();
    }

    @Test
    void cancelWhileEmittingClosesTheCursor() {
        assertThat(awaitAll(select(connection, NUMBERS + "SELECT x FROM c").take(5)))
                .containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(openStatements()).isZero();
    }

    @Test
    void anErrorOfTheMappingFunctionClosesTheCursor() {
        Flux<Object> rows = Flux.from(
                        connection.createStatement(NUMBERS + "SELECT x FROM c").execute())
                .concatMap(result -> result.map((row, metadata) -> {
                    throw new IllegalStateException("mapping");
                }));
        assertThat(failure(rows)).hasMessage("mapping");
        assertThat(openStatements()).isZero();
    }

    @Test
    void aMappingFunctionThatReturnsNullIsAnError() {
        Flux<Object> rows = Flux.from(connection.createStatement("SELECT 1").execute())
                .concatMap(result -> result.map((row, metadata) -> null));
        assertThat(failure(rows)).hasMessageContaining("returned null");
        assertThat(openStatements()).isZero();
    }

    @Test
    void anErrorInTheMiddleOfRowsIsSignalledAfterTheRowsBeforeIt() {
        StepVerifier.create(select(connection, "SELECT 1 UNION ALL SELECT abs(-9223372036854775807 - 1)"))
                .expectNext(1L)
                .expectErrorSatisfies(error ->
                        assertThat(error).isInstanceOf(SqliteException.class).hasMessageContaining("integer overflow"))
                .verify(PATIENCE);
        assertThat(openStatements()).isZero();
    }

    @Test
    void resultsNeverConsumedAreClosedByTheNextStatement() {
        SqliteResult forgotten =
                await(connection.createStatement(NUMBERS + "SELECT x FROM c").execute());
        assertThat(factory.metrics().openStatements()).isOne();
        run(select(connection, "SELECT 1"));
        assertThat(openStatements()).isZero();
        assertThat(failure(forgotten.map(row -> row.get(0))))
                .isInstanceOf(R2dbcTransientResourceException.class)
                .hasMessageContaining("another statement ran before it was consumed");
    }

    @Test
    void resultsNeverConsumedAreClosedWithTheConnection() {
        SqliteResult forgotten =
                await(connection.createStatement(NUMBERS + "SELECT x FROM c").execute());
        run(connection.close());
        assertThat(factory.metrics().openStatements()).isZero();
        assertThat(failure(forgotten.map(row -> row.get(0)))).hasMessageContaining("closed");
    }

    @Test
    void resultsOfOneScriptMayBeConsumedLate() {
        Flux<Object> rows = Flux.from(connection
                        .createStatement("SELECT 1; SELECT 2; SELECT 3")
                        .execute())
                .collectList()
                .flatMapIterable(results -> results)
                .concatMap(result -> result.map(row -> row.get(0)));
        assertThat(awaitAll(rows)).containsExactly(1L, 2L, 3L);
        assertThat(openStatements()).isZero();
    }

    @Test
    void aResultCutOffByMonoIsStillReadable() {
        Flux<Object> rows = Mono.from(
                        connection.createStatement("SELECT 1; SELECT 2").execute())
                .flatMapMany(result -> result.map(row -> row.get(0)));
        assertThat(awaitAll(rows)).containsExactly(1L);
        assertThat(openStatements()).isZero();
    }

    @Test
    void aResultIsConsumedOnce() {
        SqliteResult result = await(connection.createStatement("SELECT 1").execute());
        run(result.map(row -> row.get(0)));
        assertThat(failure(result.map(row -> row.get(0))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("consumed before");
    }

    @Test
    void statementsMayRunWhileRowsAreRead() {
        run(update(connection, NUMBERS + "INSERT INTO t SELECT x, 'n' || x FROM c"));
        Flux<Long> updates = select(connection, "SELECT id FROM t ORDER BY id LIMIT 50")
                .concatMap(id -> update(connection, "UPDATE t SET name = 'u' || id WHERE id = ?", id), 1);
        assertThat(awaitAll(updates)).hasSize(50).containsOnly(1L);
        assertThat(openStatements()).isZero();
    }

    @Test
    void countsAreOfTheStatementItself() {
        assertThat(counts("INSERT INTO t VALUES (1, 'a'), (2, 'b'); UPDATE t SET name = name || 'x';"
                        + "DELETE FROM t WHERE id = 9; REPLACE INTO t VALUES (1, 'z');"
                        + "WITH one AS (SELECT 1) DELETE FROM t WHERE id IN one"))
                .containsExactly(2L, 2L, 0L, 1L, 1L);
    }

    @Test
    void definitionsAndQueriesHaveNoCount() {
        assertThat(counts("INSERT INTO t VALUES (1, 'a')")).containsExactly(1L);
        assertThat(counts("CREATE TABLE u (a); SELECT * FROM t; PRAGMA user_version; DROP TABLE u"))
                .isEmpty();
        assertThat(openStatements()).isZero();
    }

    private List<Long> counts(String sql) {
        return awaitAll(Flux.from(connection.createStatement(sql).execute()).concatMap(Result::getRowsUpdated));
    }

    @Test
    void returningAnswersRowsAndThenTheirCount() {
        Flux<String> segments = Flux.from(connection
                        .createStatement("INSERT INTO t (name) VALUES ('a'), ('b') RETURNING id")
                        .execute())
                .concatMap(result -> result.flatMap(segment -> Mono.just(describe(segment))));
        assertThat(awaitAll(segments)).containsExactly("row 1", "row 2", "count 2");
    }

    private static String describe(Result.Segment segment) {
        return segment instanceof Result.RowSegment row
                ? "row " + row.row().get(0, Long.class)
                : "count " + ((Result.UpdateCount) segment).value();
    }

    @Test
    void generatedValuesAreReturnedByColumn() {
        Flux<Object> ids = Flux.from(connection
                        .createStatement("INSERT INTO t (name) VALUES (?) -- the name")
                        .returnGeneratedValues("id")
                        .bind(0, "a")
                        .add()
                        .bind(0, "b")
                        .execute())
                .concatMap(result -> result.map(row -> row.get("id")));
        assertThat(awaitAll(ids)).containsExactly(1, 2);
    }

    @Test
    void aReturningStatementNotReadToItsEndHasChangedTheRows() {
        assertThat(awaitAll(select(connection, "INSERT INTO t (name) VALUES ('a'), ('b') RETURNING id")
                        .take(1)))
                .containsExactly(1);
        assertThat(awaitAll(select(connection, "SELECT count(*) FROM t"))).containsExactly(2L);
    }

    @Test
    void columnsAreFoundByNameInAnyCaseAndMissingOnesAreNamed() {
        run(update(connection, "INSERT INTO t VALUES (1, 'a')"));
        SqliteResult result =
                await(connection.createStatement("SELECT id, name FROM t").execute());
        SqliteRow row = (SqliteRow) await(result.map((r, metadata) -> r));
        assertThat(row.get("NAME")).isEqualTo("a");
        assertThatThrownBy(() -> row.get("nome"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("column \"nome\" (expected one of [id, name])");
        assertThatThrownBy(() -> row.get(2))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("column index 2 (expected: 0 to 1)");
    }

    @Test
    void aThousandBindingsOfOneStatementRunInOrder() {
        Flux<Long> inserts = Flux.defer(() -> {
            SqliteStatement statement = connection.createStatement("INSERT INTO t VALUES ($id, :name)");
            for (int i = 0; i < 1000; i++) {
                if (i > 0) {
                    statement.add();
                }
                statement.bind("id", i).bind(":name", "n" + i);
            }
            return statement.execute().concatMap(SqliteResult::getRowsUpdated);
        });
        run(connection.beginTransaction());
        assertThat(awaitAll(inserts)).hasSize(1000).containsOnly(1L);
        run(connection.commitTransaction());
        assertThat(awaitAll(select(connection, "SELECT count(*) FROM t WHERE name = 'n' || id")))
                .containsExactly(1000L);
    }
}
