package io.weir.storage.catalog;

import io.r2dbc.spi.Readable;
import java.util.List;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements over idempotency keys. Runs in whatever transaction the caller opened. */
final class KeyTable {

    private static final String COLUMNS = "organisation, database_name, idempotency_key, written_millis,"
            + " expires_millis, body_bytes, fingerprint, wal_id, sequence, outcome";

    /** Ten parameters each: far below what SQLite and PostgreSQL take in one statement. */
    private static final int KEYS_A_STATEMENT = 100;

    private final DatabaseClient client;

    KeyTable(DatabaseClient client) {
        this.client = client;
    }

    /** Adds keys, no two of them the same. Of one key the later write of a log stays, in whatever order they come. */
    Mono<Void> put(List<IdempotencyKey> keys) {
        return Flux.fromIterable(keys)
                .buffer(KEYS_A_STATEMENT)
                .concatMap(this::putSome)
                .then();
    }

    private Mono<Void> putSome(List<IdempotencyKey> keys) {
        StringBuilder sql = new StringBuilder("INSERT INTO idempotency_keys (" + COLUMNS + ") VALUES ");
        for (int i = 0; i < keys.size(); i++) {
            sql.append(i == 0 ? "" : ", ")
                    .append("(:o%1$d, :d%1$d, :k%1$d, :t%1$d, :e%1$d, :b%1$d, :f%1$d, :w%1$d, :s%1$d, :a%1$d)"
                            .formatted(i));
        }
        sql.append(" ON CONFLICT (organisation, database_name, idempotency_key) DO UPDATE SET"
                + " written_millis = excluded.written_millis, expires_millis = excluded.expires_millis,"
                + " body_bytes = excluded.body_bytes, fingerprint = excluded.fingerprint, wal_id = excluded.wal_id, sequence = excluded.sequence,"
                + " outcome = excluded.outcome WHERE idempotency_keys.wal_id <> excluded.wal_id"
                + " OR idempotency_keys.sequence < excluded.sequence");
        DatabaseClient.GenericExecuteSpec insert = client.sql(sql.toString());
        for (int i = 0; i < keys.size(); i++) {
            IdempotencyKey key = keys.get(i);
            insert = insert.bind("o" + i, key.organisation())
                    .bind("d" + i, key.database())
                    .bind("k" + i, key.text())
                    .bind("t" + i, key.writtenMillis())
                    .bind("e" + i, key.expiresMillis())
                    .bind("b" + i, key.bodyBytes())
                    .bind("f" + i, key.fingerprint())
                    .bind("w" + i, key.walId())
                    .bind("s" + i, key.sequence())
                    .bind("a" + i, key.outcome());
        }
        return insert.then();
    }

    Flux<IdempotencyKey> newest(int count) {
        return client.sql("SELECT " + COLUMNS + " FROM idempotency_keys ORDER BY expires_millis DESC LIMIT :count")
                .bind("count", count)
                .map(KeyTable::key)
                .all();
    }

    Mono<IdempotencyKey> find(String organisation, String database, String text) {
        return client.sql("SELECT " + COLUMNS + " FROM idempotency_keys WHERE organisation = :organisation"
                        + " AND database_name = :database AND idempotency_key = :key")
                .bind("organisation", organisation)
                .bind("database", database)
                .bind("key", text)
                .map(KeyTable::key)
                .one();
    }

    Mono<Long> forget(long expiredBeforeMillis) {
        return client.sql("DELETE FROM idempotency_keys WHERE expires_millis < :before")
                .bind("before", expiredBeforeMillis)
                .fetch()
                .rowsUpdated();
    }

    /** A prefix is compared as text is equal, byte by byte; by order, PostgreSQL would pass over control characters. */
    Mono<Long> forget(String organisation, String database, String prefix, String walId, long beforeSequence) {
        return client.sql(
                        "DELETE FROM idempotency_keys WHERE organisation = :organisation AND database_name = :database"
                                + " AND SUBSTR(idempotency_key, 1, :length) = :prefix AND wal_id = :wal AND sequence < :before")
                .bind("organisation", organisation)
                .bind("database", database)
                .bind("length", prefix.length())
                .bind("prefix", prefix)
                .bind("wal", walId)
                .bind("before", beforeSequence)
                .fetch()
                .rowsUpdated();
    }

    private static IdempotencyKey key(Readable row) {
        return new IdempotencyKey(
                Rows.text(row, 0),
                Rows.text(row, 1),
                Rows.text(row, 2),
                Rows.number(row, 3),
                Rows.number(row, 4),
                Rows.number(row, 5),
                Rows.number(row, 6),
                Rows.text(row, 7),
                Rows.number(row, 8),
                Rows.text(row, 9));
    }
}
