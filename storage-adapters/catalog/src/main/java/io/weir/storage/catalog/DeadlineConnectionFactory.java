package io.weir.storage.catalog;

import io.r2dbc.spi.Batch;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.TransactionDefinition;
import io.r2dbc.spi.ValidationDepth;
import io.r2dbc.spi.Wrapped;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * Makes connections to a server far away whose transactions end in bounded time: when the server does not answer the
 * beginning or the end of one, the connection is closed, which ends the transaction too. Without it a network that
 * swallows packets keeps connections, and so places in the pool, until the operating system gives up.
 */
final class DeadlineConnectionFactory implements ConnectionFactory {

    private final ConnectionFactory driver;
    private final Duration limit;

    /**
     * Connections of that driver.
     *
     * @param limit longest wait for an answer
     */
    DeadlineConnectionFactory(ConnectionFactory driver, Duration limit) {
        this.driver = driver;
        this.limit = limit;
    }

    @Override
    public Mono<Connection> create() {
        return Mono.<Connection>from(driver.create()).map(Deadline::new);
    }

    @Override
    public ConnectionFactoryMetadata getMetadata() {
        return driver.getMetadata();
    }

    private final class Deadline implements Connection, Wrapped<Connection> {

        private final Connection connection;

        Deadline(Connection connection) {
            this.connection = connection;
        }

        private Mono<Void> answered(Publisher<Void> command) {
            return Mono.from(command)
                    .timeout(limit)
                    .onErrorResume(java.util.concurrent.TimeoutException.class, e -> close().then(Mono.error(e)));
        }

        @Override
        public Mono<Void> beginTransaction() {
            return answered(connection.beginTransaction());
        }

        @Override
        public Mono<Void> beginTransaction(TransactionDefinition definition) {
            return answered(connection.beginTransaction(definition));
        }

        @Override
        public Mono<Void> commitTransaction() {
            return answered(connection.commitTransaction());
        }

        /** Whatever goes wrong, nothing of the transaction stays: a server rolls back what a closed connection had begun. */
        @Override
        public Mono<Void> rollbackTransaction() {
            return Mono.from(connection.rollbackTransaction()).timeout(limit).onErrorResume(e -> close());
        }

        @Override
        public Mono<Void> close() {
            return Mono.from(connection.close()).timeout(limit, Mono.empty());
        }

        @Override
        public Mono<Void> setAutoCommit(boolean autoCommit) {
            return answered(connection.setAutoCommit(autoCommit));
        }

        @Override
        public Mono<Void> setTransactionIsolationLevel(IsolationLevel level) {
            return answered(connection.setTransactionIsolationLevel(level));
        }

        @Override
        public Mono<Void> setLockWaitTimeout(Duration timeout) {
            return answered(connection.setLockWaitTimeout(timeout));
        }

        @Override
        public Mono<Void> setStatementTimeout(Duration timeout) {
            return answered(connection.setStatementTimeout(timeout));
        }

        @Override
        public Mono<Void> createSavepoint(String name) {
            return answered(connection.createSavepoint(name));
        }

        @Override
        public Mono<Void> releaseSavepoint(String name) {
            return answered(connection.releaseSavepoint(name));
        }

        @Override
        public Mono<Void> rollbackTransactionToSavepoint(String name) {
            return answered(connection.rollbackTransactionToSavepoint(name));
        }

        @Override
        public Mono<Boolean> validate(ValidationDepth depth) {
            return Mono.from(connection.validate(depth)).timeout(limit, Mono.just(false));
        }

        @Override
        public Statement createStatement(String sql) {
            return connection.createStatement(sql);
        }

        @Override
        public Batch createBatch() {
            return connection.createBatch();
        }

        @Override
        public boolean isAutoCommit() {
            return connection.isAutoCommit();
        }

        @Override
        public ConnectionMetadata getMetadata() {
            return connection.getMetadata();
        }

        @Override
        public IsolationLevel getTransactionIsolationLevel() {
            return connection.getTransactionIsolationLevel();
        }

        @Override
        public Connection unwrap() {
            return connection;
        }
    }
}
