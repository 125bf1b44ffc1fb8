package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import io.weir.common.model.DatabaseId;
import java.time.Duration;
import java.util.List;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** Claims in the catalog's database, whose tables {@link Catalog#migrate} makes. Does not own the connection factory. */
public final class R2dbcKeyClaims implements KeyClaims {

    private static final String ONE =
            " WHERE organisation = :organisation AND database_name = :database AND idempotency_key = :key";

    private final Transactions transactions;
    private final DatabaseClient client;
    private final String now;

    /**
     * Claims in that database.
     *
     * @param connections pooled connections; closed by whoever made them
     * @param timeout longest an operation may take, retries included
     */
    public R2dbcKeyClaims(ConnectionFactory connections, Duration timeout) {
        this.transactions = new Transactions(connections, timeout);
        this.client = DatabaseClient.create(connections);
        this.now = SqlDialect.of(connections).nowMicros();
    }

    @Override
    public Mono<Boolean> claim(Claim claim, String walId, Duration time) {
        return transactions.write(
                "claim an idempotency key",
                of(
                                client.sql(
                                        "INSERT INTO key_claims (organisation, database_name, idempotency_key, wal_id,"
                                                + " expires_micros) VALUES (:organisation, :database, :key, :wal, "
                                                + now
                                                + " + :micros) ON CONFLICT (organisation, database_name, idempotency_key)"
                                                + " DO UPDATE SET wal_id = excluded.wal_id, expires_micros = excluded.expires_micros"
                                                + " WHERE key_claims.wal_id = excluded.wal_id OR key_claims.expires_micros <= "
                                                + now),
                                claim)
                        .bind("wal", walId)
                        .bind("micros", time.toNanos() / 1_000)
                        .fetch()
                        .rowsUpdated()
                        .map(rows -> rows == 1));
    }

    @Override
    public Mono<Void> release(Claim claim, String walId) {
        return transactions.write(
                "release an idempotency key",
                of(client.sql("DELETE FROM key_claims" + ONE + " AND wal_id = :wal"), claim)
                        .bind("wal", walId)
                        .then());
    }

    private static DatabaseClient.GenericExecuteSpec of(DatabaseClient.GenericExecuteSpec statement, Claim claim) {
        return statement
                .bind("organisation", claim.database().organisation())
                .bind("database", claim.database().database())
                .bind("key", claim.text());
    }

    @Override
    public Mono<List<Claim>> of(String walId, int atMost) {
        return transactions.read(
                "read claims of idempotency keys",
                client.sql("SELECT organisation, database_name, idempotency_key FROM key_claims WHERE wal_id = :wal"
                                + " ORDER BY expires_micros DESC LIMIT :most")
                        .bind("wal", walId)
                        .bind("most", atMost)
                        .map(row -> new Claim(new DatabaseId(Rows.text(row, 0), Rows.text(row, 1)), Rows.text(row, 2)))
                        .all()
                        .collectList());
    }

    @Override
    public Mono<Long> forgetEnded() {
        return transactions.write(
                "forget ended claims",
                client.sql("DELETE FROM key_claims WHERE expires_micros <= " + now)
                        .fetch()
                        .rowsUpdated());
    }
}
