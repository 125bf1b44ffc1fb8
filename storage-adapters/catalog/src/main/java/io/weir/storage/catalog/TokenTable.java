package io.weir.storage.catalog;

import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements over tokens. Runs in the caller's transaction. */
final class TokenTable {

    private static final String COLUMNS = "id, organisation, name, grants, is_operator, secret_hash, previous_hash,"
            + " previous_until_micros, created_micros, expires_micros, revoked_micros";

    private final DatabaseClient client;

    TokenTable(DatabaseClient client) {
        this.client = client;
    }

    Mono<StoredToken> find(String id) {
        return client.sql("SELECT " + COLUMNS + " FROM tokens WHERE id = :id")
                .bind("id", id)
                .map(TokenTable::read)
                .one();
    }

    Flux<StoredToken> of(String organisation) {
        return client.sql("SELECT " + COLUMNS + " FROM tokens WHERE organisation = :organisation ORDER BY id")
                .bind("organisation", organisation)
                .map(TokenTable::read)
                .all();
    }

    Mono<Long> count(String organisation) {
        return client.sql("SELECT COUNT(*) FROM tokens WHERE organisation = :organisation")
                .bind("organisation", organisation)
                .map(row -> Rows.number(row, 0))
                .one();
    }

    Mono<Void> add(StoredToken token) {
        return client.sql("INSERT INTO tokens (" + COLUMNS + ") VALUES (:id, :organisation, :name, :grants, :operator,"
                        + " :hash, :previous, :previousUntil, :created, :expires, :revoked)")
                .bind("id", token.id())
                .bind("organisation", token.organisation())
                .bind("name", token.name())
                .bind("grants", token.grants())
                .bind("operator", token.operator() ? 1 : 0)
                .bind("hash", token.secretHash())
                .bind("previous", token.previousHash())
                .bind("previousUntil", micros(token.previousUntil()))
                .bind("created", micros(token.created()))
                .bind("expires", micros(token.expires()))
                .bind("revoked", micros(token.revoked()))
                .then();
    }

    /** Writes what can change of a token. */
    Mono<Void> update(StoredToken token) {
        return client.sql("UPDATE tokens SET secret_hash = :hash, previous_hash = :previous,"
                        + " previous_until_micros = :previousUntil, expires_micros = :expires, revoked_micros = :revoked"
                        + " WHERE id = :id")
                .bind("hash", token.secretHash())
                .bind("previous", token.previousHash())
                .bind("previousUntil", micros(token.previousUntil()))
                .bind("expires", micros(token.expires()))
                .bind("revoked", micros(token.revoked()))
                .bind("id", token.id())
                .then();
    }

    Mono<Void> remove(String id) {
        return client.sql("DELETE FROM tokens WHERE id = :id").bind("id", id).then();
    }

    Mono<Void> removeAllOf(String organisation) {
        return client.sql("DELETE FROM tokens WHERE organisation = :organisation")
                .bind("organisation", organisation)
                .then();
    }

    private static StoredToken read(Readable row) {
        return new StoredToken(
                Rows.text(row, 0),
                Rows.text(row, 1),
                Rows.text(row, 2),
                Rows.text(row, 3),
                Rows.number(row, 4) != 0,
                Rows.text(row, 5),
                Rows.text(row, 6),
                time(Rows.number(row, 7)),
                instant(Rows.number(row, 8)),
                time(Rows.number(row, 9)),
                time(Rows.number(row, 10)));
    }

    static long micros(@Nullable Instant time) {
        return time == null ? 0 : TimeUnit.SECONDS.toMicros(time.getEpochSecond()) + time.getNano() / 1000;
    }

    static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
    }

    private static @Nullable Instant time(long micros) {
        return micros == 0 ? null : instant(micros);
    }
}
