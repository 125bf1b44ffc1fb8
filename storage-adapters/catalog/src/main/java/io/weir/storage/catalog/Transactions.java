package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.R2dbcException;
import io.weir.common.error.WeirException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.r2dbc.connection.R2dbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.reactive.TransactionalOperator;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

/**
 * Transactions over the catalog's database: what is tried again, for how long, and how a failure is named.
 *
 * <pre>
 *   it lost a race (serialization failure, deadlock, busy)   tried again, with jitter, for as long as the operation may take
 *   it inserted what is there (a race, or a mistake)         tried again a few times
 *   the connection was lost before COMMIT                    catalog-unavailable; nothing happened
 *   the connection was lost during COMMIT                    catalog-commit-unknown; it happened, or nothing did
 *   whoever waits cancels                                    it goes on to its end
 * </pre>
 */
final class Transactions {

    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);
    private static final int RETRIES = 40;
    private static final int RETRIES_OF_INSERTS = 3;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(10);
    private static final Duration MAX_BACKOFF = Duration.ofMillis(500);

    private final SqlDialect dialect;
    private final TransactionalOperator read;
    private final TransactionalOperator write;
    private final Duration timeout;
    private final @Nullable MeasuredPool measured;

    /**
     * Transactions of that database.
     *
     * @param timeout longest an operation may take, retries included
     */
    Transactions(ConnectionFactory connections, Duration timeout) {
        this.dialect = SqlDialect.of(connections);
        R2dbcTransactionManager manager = new R2dbcTransactionManager(connections);
        this.read = operator(manager, true, TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.write = operator(manager, false, TransactionDefinition.ISOLATION_SERIALIZABLE);
        this.timeout = timeout;
        this.measured = MeasuredPool.of(connections);
    }

    static TransactionalOperator operator(R2dbcTransactionManager manager, boolean readOnly, int isolation) {
        DefaultTransactionDefinition definition = new DefaultTransactionDefinition();
        definition.setReadOnly(readOnly);
        definition.setIsolationLevel(isolation);
        return TransactionalOperator.create(manager, definition);
    }

    /**
     * Reads as of one moment.
     *
     * @param action what it does, as in "the catalog could not …"
     */
    <T> Mono<T> read(String action, Mono<T> work) {
        return measured(guarded(action, read.transactional(work), timeout));
    }

    /**
     * Reads by one statement, which sees one moment by itself.
     *
     * @param action what it does, as in "the catalog could not …"
     */
    <T> Mono<T> readAtOnce(String action, Mono<T> statement) {
        return guarded(action, statement, timeout);
    }

    /** Reads as of one moment, and does not begin again, for what was read is somewhere already. */
    <T> Mono<T> readOnce(String action, Mono<T> work) {
        return named(action, read.transactional(work).timeout(timeout));
    }

    /** Tries again what lost a race or found the database busy, gives up in time, and names what is left. */
    static <T> Mono<T> guarded(String action, Mono<T> transaction, Duration timeout) {
        return named(
                action, retried(transaction, Transactions::isWorthAnotherTry).timeout(timeout));
    }

    /**
     * Changes all or nothing, as if no other transaction ran at the same time.
     *
     * @param action what it does, as in "the catalog could not …"
     */
    <T> Mono<T> write(String action, Mono<T> work) {
        return Mono.defer(() -> {
            AtomicBoolean committing = new AtomicBoolean();
            Mono<T> once = Mono.defer(() -> {
                committing.set(false);
                return work.doOnSuccess(done -> committing.set(true));
            });
            Mono<T> all = retried(
                            write.transactional(once),
                            failure -> isWorthAnotherTry(failure) && (!committing.get() || isRolledBack(failure)))
                    .timeout(timeout)
                    .onErrorMap(
                            failure -> committing.get() && isFailure(failure) && !isRolledBack(failure),
                            failure -> new WeirException(
                                    CatalogError.COMMIT_UNKNOWN,
                                    "the catalog did not say whether it could " + action + " (expected: an answer)",
                                    failure));
            return measured(named(action, all));
        });
    }

    private <T> Mono<T> measured(Mono<T> operation) {
        MeasuredPool pool = measured;
        return pool == null
                ? operation
                : Mono.defer(() -> {
                    long start = System.nanoTime();
                    return operation
                            .doOnSuccess(done -> pool.ended(true, start))
                            .doOnError(e -> pool.ended(false, start));
                });
    }

    private static <T> Mono<T> retried(Mono<T> work, Predicate<Throwable> filter) {
        RetryBackoffSpec races = backoff(RETRIES)
                .filter(failure -> filter.test(failure) && !(failure instanceof DataIntegrityViolationException));
        RetryBackoffSpec inserts = backoff(RETRIES_OF_INSERTS)
                .filter(failure -> filter.test(failure) && failure instanceof DataIntegrityViolationException);
        return work.retryWhen(inserts).retryWhen(races);
    }

    private static RetryBackoffSpec backoff(int retries) {
        return Retry.backoff(retries, FIRST_BACKOFF)
                .maxBackoff(MAX_BACKOFF)
                .jitter(0.5)
                .onRetryExhaustedThrow((retry, signal) -> signal.failure());
    }

    private static <T> Mono<T> named(String action, Mono<T> work) {
        return finishing(
                action,
                work.onErrorMap(
                        Transactions::isFailure,
                        e -> new WeirException(
                                CatalogError.CATALOG_UNAVAILABLE, "the catalog could not " + action, e)));
    }

    /**
     * Lets work that was begun go on to its end, which is near, when whoever waits for it goes away. A driver that is
     * cancelled amid an answer drops what it has of it, buffers included.
     */
    private static <T> Mono<T> finishing(String action, Mono<T> work) {
        return Mono.create(waiting -> {
            AtomicBoolean gone = new AtomicBoolean();
            waiting.onCancel(() -> gone.set(true));
            work.contextWrite(waiting.contextView())
                    .subscribe(
                            waiting::success,
                            failure -> {
                                if (gone.get()) {
                                    LOG.debug("nobody waited any more when the catalog could not {}", action, failure);
                                } else {
                                    waiting.error(failure);
                                }
                            },
                            waiting::success);
        });
    }

    private static boolean isWorthAnotherTry(Throwable failure) {
        return failure instanceof TransientDataAccessException || failure instanceof DataIntegrityViolationException;
    }

    /** Whether a COMMIT that failed so is known to have changed nothing. SQLite rolls back whatever it cannot commit. */
    private boolean isRolledBack(Throwable failure) {
        return failure instanceof ConcurrencyFailureException
                || failure instanceof DataIntegrityViolationException
                || (dialect == SqlDialect.SQLITE && failure instanceof DataAccessException);
    }

    private static boolean isFailure(Throwable failure) {
        return failure instanceof DataAccessException
                || failure instanceof R2dbcException
                || failure instanceof TimeoutException
                || failure instanceof TransactionException;
    }
}
