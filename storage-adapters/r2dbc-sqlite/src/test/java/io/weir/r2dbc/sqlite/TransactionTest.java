package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.R2dbcDataIntegrityViolationException;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import io.r2dbc.spi.R2dbcRollbackException;
import io.r2dbc.spi.TransactionDefinition;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class TransactionTest extends SqliteFixture {
    private static final TransactionDefinition READ_ONLY = definition(Map.of(TransactionDefinition.READ_ONLY, true));

    private SqliteConnection connection;

    @BeforeEach
    void createTable() {
        connection = open();
        run(update(connection, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)"));
    }

    private static TransactionDefinition definition(Map<Option<?>, Object> attributes) {
        return new TransactionDefinition() {
            @Override
            public <T> T getAttribute(Option<T> option) {
                return option.cast(attributes.get(option));
            }
        };
    }

    private long rows(SqliteConnection connection) {
        return (Long) await(select(connection, "SELECT count(*) FROM t"));
    }

    @Test
    void aWritingTransactionTakesTheWriteLockAtOnce() {
        SqliteConnection other = open();
        run(other.setLockWaitTimeout(Duration.ZERO));
        run(connection.beginTransaction());
        assertThat(connection.isAutoCommit()).isFalse();
        assertThat(failure(other.beginTransaction())).isInstanceOf(SqliteBusyException.class);
        run(connection.rollbackTransaction());
        assertThat(connection.isAutoCommit()).isTrue();
        run(other.beginTransaction());
    }

    @Test
    void aReadOnlyTransactionSeesOneSnapshotBesideAWriterAndCannotWrite() {
        SqliteConnection reader = open();
        run(reader.beginTransaction(READ_ONLY));
        assertThat(rows(reader)).isZero();
        run(update(connection, "INSERT INTO t VALUES (1, 1)"));
        assertThat(rows(reader)).isZero();
        assertThat(failure(update(reader, "INSERT INTO t VALUES (2, 2)")))
                .isInstanceOf(R2dbcPermissionDeniedException.class);
        run(reader.commitTransaction());
        assertThat(rows(reader)).isOne();
        run(update(reader, "INSERT INTO t VALUES (2, 2)"));
    }

    @Test
    void concurrentReadModifyWriteTransactionsLoseNoUpdate() {
        run(update(connection, "INSERT INTO t VALUES (1, 0)"));
        Flux<Long> increments = Flux.range(0, 200)
                .flatMap(
                        i -> with(c -> Mono.from(c.beginTransaction())
                                .then(select(c, "SELECT n FROM t WHERE id = 1").single())
                                .flatMap(n -> update(c, "UPDATE t SET n = ? WHERE id = 1", (Integer) n + 1))
                                .delayUntil(count -> c.commitTransaction())),
                        8);
        assertThat(awaitAll(increments)).hasSize(200).containsOnly(1L);
        assertThat(awaitAll(select(connection, "SELECT n FROM t"))).containsExactly(200);
    }

    @Test
    void savepointsNestAndAreQuoted() {
        run(connection.beginTransaction());
        run(update(connection, "INSERT INTO t VALUES (1, 1)"));
        run(connection.createSavepoint("a \"b\""));
        run(update(connection, "INSERT INTO t VALUES (2, 2)"));
        run(connection.createSavepoint("inner"));
        run(update(connection, "INSERT INTO t VALUES (3, 3)"));
        run(connection.releaseSavepoint("inner"));
        assertThat(rows(connection)).isEqualTo(3);
        run(connection.rollbackTransactionToSavepoint("a \"b\""));
        run(connection.commitTransaction());
        assertThat(rows(connection)).isOne();
    }

    @Test
    void anUnknownSavepointIsAnErrorAndTheTransactionGoesOn() {
        run(connection.beginTransaction());
        assertThat(failure(connection.releaseSavepoint("nope"))).hasMessageContaining("no such savepoint");
        run(update(connection, "INSERT INTO t VALUES (1, 1)"));
        run(connection.commitTransaction());
        assertThat(rows(connection)).isOne();
    }

    @Test
    void aFailedStatementLeavesTheTransactionUsable() {
        run(connection.beginTransaction());
        run(update(connection, "INSERT INTO t VALUES (1, 1)"));
        assertThat(failure(update(connection, "INSERT INTO t VALUES (1, 1)")))
                .isInstanceOf(R2dbcDataIntegrityViolationException.class);
        run(update(connection, "INSERT INTO t VALUES (2, 2)"));
        run(connection.commitTransaction());
        assertThat(rows(connection)).isEqualTo(2);
    }

    @Test
    void afterSqliteRolledBackStatementsAreRefusedUntilTheCallerRollsBack() {
        run(connection.beginTransaction());
        run(update(connection, "INSERT INTO t VALUES (1, 1)"));
        // OR ROLLBACK makes SQLite itself end the transaction.
        assertThat(failure(update(connection, "INSERT OR ROLLBACK INTO t VALUES (1, 1)")))
                .isInstanceOf(R2dbcDataIntegrityViolationException.class);
        assertThat(connection.isAutoCommit()).isFalse();
        assertThat(failure(update(connection, "INSERT INTO t VALUES (2, 2)")))
                .isInstanceOf(R2dbcRollbackException.class)
                .hasMessageContaining("SQLite rolled the transaction back");
        run(connection.rollbackTransaction());
        assertThat(rows(connection)).isZero();
    }

    @Test
    void commitOfATransactionThatSqliteRolledBackFails() {
        run(connection.beginTransaction());
        run(update(connection, "INSERT INTO t VALUES (1, 1)"));
        failure(update(connection, "INSERT OR ROLLBACK INTO t VALUES (1, 1)"));
        assertThat(failure(connection.commitTransaction())).isInstanceOf(R2dbcRollbackException.class);
        assertThat(connection.isAutoCommit()).isTrue();
        assertThat(rows(connection)).isZero();
    }

    @Test
    void anInterruptedWriteAbortsTheTransactionAndNothingOfItCommits() {
        run(connection.beginTransaction());
        run(update(connection, "INSERT INTO t VALUES (1, 1)"));
        Probe probe = probe(connection);
        Disposable writing = update(connection, ENDLESS + "INSERT INTO t SELECT NULL, probe(x) FROM c")
                .subscribe();
        probe.awaitStart();
        writing.dispose();
        assertThat(failure(update(connection, "INSERT INTO t VALUES (2, 2)")))
                .isInstanceOf(R2dbcRollbackException.class);
        assertThat(failure(connection.commitTransaction())).isInstanceOf(R2dbcRollbackException.class);
        assertThat(rows(connection)).isZero();
    }

    @Test
    void anInterruptedReadLeavesTheTransactionUsable() {
        run(connection.beginTransaction());
        run(update(connection, "INSERT INTO t VALUES (1, 1)"));
        Probe probe = probe(connection);
        Disposable reading =
                select(connection, ENDLESS + "SELECT count(probe(x)) FROM c").subscribe();
        probe.awaitStart();
        reading.dispose();
        run(update(connection, "INSERT INTO t VALUES (2, 2)"));
        run(connection.commitTransaction());
        assertThat(rows(connection)).isEqualTo(2);
    }

    @Test
    void aFailedCommitEndsTheTransactionAndReleasesTheLock() {
        run(update(connection, "CREATE TABLE child (id INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)"));
        run(connection.beginTransaction());
        run(update(connection, "INSERT INTO child VALUES (77)"));
        assertThat(failure(connection.commitTransaction())).isInstanceOf(R2dbcDataIntegrityViolationException.class);
        assertThat(connection.isAutoCommit()).isTrue();
        run(update(open(), "INSERT INTO t VALUES (1, 1)"));
    }

    @Test
    void commitAndRollbackWithoutATransactionDoNothing() {
        run(connection.commitTransaction());
        run(connection.rollbackTransaction());
        assertThat(connection.isAutoCommit()).isTrue();
    }

    @Test
    void commitClosesReturningResultsThatAreOpen() {
        run(connection.beginTransaction());
        SqliteResult open = await(connection
                .createStatement("INSERT INTO t VALUES (1, 1), (2, 2) RETURNING id")
                .execute());
        run(connection.commitTransaction());
        assertThat(failure(open.map(row -> row.get(0)))).hasMessageContaining("committed");
        assertThat(rows(connection)).isEqualTo(2);
    }

    @Test
    void beginClosesResultsNeverConsumedWhoseSnapshotIsOld() {
        SqliteConnection other = open();
        SqliteResult forgotten = await(connection
                .createStatement("SELECT 1 UNION ALL SELECT count(*) FROM t")
                .execute());
        run(update(other, "INSERT INTO t VALUES (1, 1)"));
        run(connection.beginTransaction());
        run(update(connection, "INSERT INTO t VALUES (2, 2)"));
        run(connection.commitTransaction());
        assertThat(failure(forgotten.map(row -> row.get(0)))).hasMessageContaining("a transaction began before");
    }

    @Test
    void closeRollsBack() {
        run(connection.beginTransaction());
        run(update(connection, "INSERT INTO t VALUES (1, 1)"));
        run(connection.close());
        assertThat(rows(open())).isZero();
    }

    @Test
    void lockWaitTimeoutOfTheDefinitionReplacesTheBusyTimeout() {
        SqliteConnection other = open();
        run(connection.beginTransaction());
        TransactionDefinition impatient =
                definition(Map.of(TransactionDefinition.LOCK_WAIT_TIMEOUT, Duration.ofMillis(30)));
        assertThat(failure(other.beginTransaction(impatient)))
                .isInstanceOf(SqliteBusyException.class)
                .hasMessageContaining("still locked after PT0.03S");
    }

    @Test
    void everyIsolationLevelIsAnsweredSerializably() {
        run(connection.setTransactionIsolationLevel(IsolationLevel.READ_COMMITTED));
        assertThat(connection.getTransactionIsolationLevel()).isEqualTo(IsolationLevel.SERIALIZABLE);
        run(connection.beginTransaction(IsolationLevel.REPEATABLE_READ));
        assertThat(connection.getTransactionIsolationLevel()).isEqualTo(IsolationLevel.SERIALIZABLE);
    }

    @Test
    void autoCommitFollowsTheTransaction() {
        run(connection.setAutoCommit(false));
        run(update(connection, "INSERT INTO t VALUES (1, 1)"));
        assertThat(rows(open())).isZero();
        run(connection.setAutoCommit(true));
        assertThat(rows(open())).isOne();
    }

    @Test
    void releaseToAPoolEndsATransactionBegunByTheCallersOwnSql() {
        run(update(connection, "BEGIN IMMEDIATE; INSERT INTO t VALUES (1, 1)"));
        run(connection.setStatementTimeout(Duration.ofMillis(1)));
        run(connection.preRelease());
        assertThat(rows(connection)).isZero();
        run(update(open(), "INSERT INTO t VALUES (2, 2)"));
        assertThat(awaitAll(select(connection, ENDLESS + "SELECT x FROM c LIMIT 50000")))
                .hasSize(50000);
    }
}
