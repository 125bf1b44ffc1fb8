package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.PermissionDeniedDataAccessException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.r2dbc.BadSqlGrammarException;
import org.springframework.r2dbc.connection.R2dbcTransactionManager;
import org.springframework.r2dbc.connection.init.ResourceDatabasePopulator;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.transaction.reactive.TransactionalOperator;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class SpringTest extends SqliteFixture {
    private ConnectionPool pool;
    private DatabaseClient client;

    @BeforeEach
    void createPool() {
        pool = new ConnectionPool(ConnectionPoolConfiguration.builder(factory)
                .initialSize(1)
                .maxSize(4)
                .maxIdleTime(Duration.ofMinutes(1))
                .build());
        client = DatabaseClient.create(pool);
        run(client.sql("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, price REAL)")
                .then());
    }

    @AfterEach
    void closePool() {
        run(pool.disposeLater());
    }

    private Mono<Long> insert(String name, double price) {
        return client.sql("INSERT INTO item (name, price) VALUES (:name, :price)")
                .bind("name", name)
                .bind("price", price)
                .fetch()
                .rowsUpdated();
    }

    private long count() {
        return await(
                client.sql("SELECT count(*) FROM item").mapValue(Long.class).one());
    }

    @Test
    void namedParametersAreBound() {
        assertThat(await(insert("a", 1.5))).isOne();
        Map<String, Object> row = await(client.sql("SELECT * FROM item WHERE name = :n OR name = :n || 'x'")
                .bind("n", "a")
                .fetch()
                .one());
        assertThat(row).containsEntry("id", 1).containsEntry("name", "a").containsEntry("price", 1.5);
    }

    @Test
    void listsExpandInIn() {
        run(Flux.just("a", "b", "c").concatMap(name -> insert(name, 1)));
        assertThat(awaitAll(client.sql("SELECT name FROM item WHERE name IN (:names) AND price = :price ORDER BY 1")
                        .bind("names", List.of("a", "c", "z"))
                        .bind("price", 1)
                        .mapValue(String.class)
                        .all()))
                .containsExactly("a", "c");
    }

    @Test
    void nullsAreBound() {
        run(client.sql("INSERT INTO item (name, price) VALUES (:name, :price)")
                .bind("name", "a")
                .bindNull("price", Double.class)
                .then());
        assertThat(await(client.sql("SELECT count(*) FROM item WHERE price IS NULL")
                        .mapValue(Long.class)
                        .one()))
                .isOne();
    }

    @Test
    void generatedValuesComeBack() {
        assertThat(awaitAll(client.sql("INSERT INTO item (name) VALUES (:a), (:b)")
                        .bind("a", "x")
                        .bind("b", "y")
                        .filter(statement -> statement.returnGeneratedValues("id"))
                        .map(row -> row.get("id", Long.class))
                        .all()))
                .containsExactly(1L, 2L);
    }

    @Test
    void errorsAreTranslated() {
        run(insert("a", 1));
        assertThat(failure(insert("a", 2)))
                .isInstanceOf(DuplicateKeyException.class)
                .isInstanceOf(DataIntegrityViolationException.class);
        assertThat(failure(client.sql("SELEC 1").then())).isInstanceOf(BadSqlGrammarException.class);
        assertThat(failure(withStatementTimeout(
                        client.sql(ENDLESS + "SELECT count(*) FROM c").then())))
                .isInstanceOf(QueryTimeoutException.class);
    }

    /** In a transaction, so that both use the same connection. */
    private Mono<Void> withStatementTimeout(Mono<Void> query) {
        return client.inConnection(connection -> Mono.from(connection.setStatementTimeout(Duration.ofMillis(50))))
                .then(query)
                .as(TransactionalOperator.create(new R2dbcTransactionManager(pool))::transactional);
    }

    @Test
    void aLockThatStaysTakenIsTransient() {
        SqliteConnection owner = open();
        run(owner.beginTransaction());
        Mono<Long> impatient =
                client.inConnection(connection -> Mono.from(connection.setLockWaitTimeout(Duration.ofMillis(20)))
                        .then(update(connection, "DELETE FROM item")));
        assertThat(failure(impatient))
                .isInstanceOf(TransientDataAccessResourceException.class)
                .hasCauseInstanceOf(SqliteBusyException.class);
        run(owner.rollbackTransaction());
    }

    @Test
    void transactionsCommitAndRollBack() {
        TransactionalOperator transaction = TransactionalOperator.create(new R2dbcTransactionManager(pool));
        assertThat(failure(insert("a", 1)
                        .then(Mono.error(new IllegalStateException("undo")))
                        .as(transaction::transactional)))
                .hasMessage("undo");
        assertThat(count()).isZero();
        run(insert("a", 1).then(insert("b", 1)).as(transaction::transactional));
        assertThat(count()).isEqualTo(2);
    }

    @Test
    void aCancelledTransactionIsRolledBackBeforeTheConnectionIsUsedAgain() {
        TransactionalOperator transaction = TransactionalOperator.create(new R2dbcTransactionManager(pool));
        Disposable running =
                insert("a", 1).then(Mono.never()).as(transaction::transactional).subscribe();
        run(Mono.delay(Duration.ofMillis(1))
                .repeat()
                .filter(tick -> pool.getMetrics().orElseThrow().acquiredSize() == 1)
                .next());
        running.dispose();
        run(insert("b", 1));
        assertThat(awaitAll(client.sql("SELECT name FROM item")
                        .mapValue(String.class)
                        .all()))
                .containsExactly("b");
    }

    @Test
    void aConnectionComesBackFromThePoolAsConfigured() {
        ConnectionPool one = new ConnectionPool(ConnectionPoolConfiguration.builder(factory)
                .initialSize(1)
                .maxSize(1)
                .build());
        DatabaseClient single = DatabaseClient.create(one);
        run(single.inConnection(connection -> Mono.from(connection.setStatementTimeout(Duration.ofNanos(1)))
                .then(Mono.from(connection.setLockWaitTimeout(Duration.ZERO)))
                .then(Mono.from(connection.beginTransaction()))));
        run(insert("a", 1));
        assertThat(await(single.sql("SELECT count(*) FROM item")
                        .mapValue(Long.class)
                        .one()))
                .isOne();
        run(one.disposeLater());
    }

    @Test
    void readOnlyTransactionsCannotWrite() {
        DefaultTransactionDefinition readOnly = new DefaultTransactionDefinition();
        readOnly.setReadOnly(true);
        TransactionalOperator transaction = TransactionalOperator.create(new R2dbcTransactionManager(pool), readOnly);
        assertThat(failure(insert("a", 1).as(transaction::transactional)))
                .isInstanceOf(PermissionDeniedDataAccessException.class)
                .hasMessageContaining("readonly");
        Mono<Long> count =
                client.sql("SELECT count(*) FROM item").mapValue(Long.class).one();
        assertThat(awaitAll(count.as(transaction::transactional))).containsExactly(0L);
        run(insert("a", 1));
    }

    @Test
    void aTransactionThatSqliteEndedIsAConcurrencyFailure() {
        run(insert("a", 1));
        TransactionalOperator transaction = TransactionalOperator.create(new R2dbcTransactionManager(pool));
        Mono<Long> goesOn = client.sql("INSERT OR ROLLBACK INTO item (name) VALUES ('a')")
                .then()
                .onErrorComplete(DuplicateKeyException.class)
                .then(insert("b", 1));
        assertThat(failure(goesOn.as(transaction::transactional))).isInstanceOf(ConcurrencyFailureException.class);
        assertThat(count()).isOne();
    }

    @Test
    void aDatabaseThatCannotBeOpenedIsAResourceFailure() {
        SqliteConnectionFactory missing = SqliteConnectionFactory.of(SqliteConnectionConfiguration.builder()
                .path(directory.resolve("missing/a.db"))
                .build());
        assertThat(failure(DatabaseClient.create(missing).sql("SELECT 1").then()))
                .isInstanceOf(DataAccessResourceFailureException.class);
        run(missing.close());
    }

    @Test
    void nestedTransactionsAreSavepoints() {
        DefaultTransactionDefinition nested =
                new DefaultTransactionDefinition(DefaultTransactionDefinition.PROPAGATION_NESTED);
        R2dbcTransactionManager manager = new R2dbcTransactionManager(pool);
        Mono<Long> inner = insert("b", 1)
                .then(Mono.<Long>error(new IllegalStateException("inner")))
                .as(TransactionalOperator.create(manager, nested)::transactional)
                .onErrorReturn(-1L);
        run(insert("a", 1).then(inner).as(TransactionalOperator.create(manager)::transactional));
        assertThat(awaitAll(client.sql("SELECT name FROM item")
                        .mapValue(String.class)
                        .all()))
                .containsExactly("a");
    }

    @Test
    void concurrentTransactionsThroughThePoolLoseNothing() {
        run(insert("n", 0));
        TransactionalOperator transaction = TransactionalOperator.create(new R2dbcTransactionManager(pool));
        run(Flux.range(0, 100)
                .flatMap(
                        i -> client.sql("SELECT price FROM item")
                                .mapValue(Double.class)
                                .one()
                                .flatMap(price -> client.sql("UPDATE item SET price = :p")
                                        .bind("p", price + 1)
                                        .fetch()
                                        .rowsUpdated())
                                .as(transaction::transactional),
                        8));
        assertThat(await(client.sql("SELECT price FROM item")
                        .mapValue(Double.class)
                        .one()))
                .isEqualTo(100);
        assertThat(factory.metrics().openConnections()).isLessThanOrEqualTo(4);
    }

    @Test
    void schemaScriptsRun() {
        String script = "CREATE TABLE s (a); -- first\nINSERT INTO s VALUES ('x;y');\nINSERT INTO s VALUES (2);";
        run(new ResourceDatabasePopulator(
                        new ByteArrayResource(script.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .populate(factory));
        assertThat(await(client.sql("SELECT count(*) FROM s")
                        .mapValue(Long.class)
                        .one()))
                .isEqualTo(2);
    }

    @Test
    void aPoolIsMadeFromAUrl() {
        ConnectionFactory fromUrl =
                ConnectionFactories.get("r2dbc:pool:sqlite:mem:///pooled?maxSize=2&initialSize=1&threads=1");
        assertThat(fromUrl).isInstanceOf(ConnectionPool.class);
        ConnectionPool urlPool = (ConnectionPool) fromUrl;
        DatabaseClient urlClient = DatabaseClient.create(urlPool);
        run(urlClient.sql("CREATE TABLE t (a)").then());
        run(urlClient.sql("INSERT INTO t VALUES (:a)").bind("a", 1).then());
        run(urlPool.disposeLater());
        run(((SqliteConnectionFactory) urlPool.unwrap()).close());
    }
}
