package io.weir.storage.catalog;

import io.weir.common.error.WeirException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Brings the catalog's tables up to date: versioned SQL files beside this class, each run once, in order, in one
 * transaction with the row that records it. Processes that start together are told apart by that row's key: the loser's
 * transaction fails, and its retry finds nothing left to do.
 */
final class Migrations {

    private static final List<String> FILES =
            List.of("V001__first.sql", "V002__idempotency_keys.sql", "V004__upkeep.sql");
    private static final int RETRIES = 5;

    private final DatabaseClient client;
    private final TransactionalOperator transaction;

    Migrations(DatabaseClient client, TransactionalOperator transaction) {
        this.client = client;
        this.transaction = transaction;
    }

    Mono<Void> run() {
        return execute(
                        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name VARCHAR(255) NOT NULL)")
                .then(Mono.defer(this::runMissing))
                .retryWhen(reactor.util.retry.Retry.max(RETRIES).filter(e -> !(e instanceof WeirException)));
    }

    private Mono<Void> runMissing() {
        return client.sql("SELECT COALESCE(MAX(version), 0) FROM schema_version")
                .map(row -> ((Number) Rows.required(row, 0)).intValue())
                .one()
                .flatMap(this::runFrom);
    }

    private Mono<Void> runFrom(int done) {
        if (done > FILES.size()) {
            return Mono.error(new WeirException(
                    CatalogError.CATALOG_TOO_NEW,
                    "the catalog is at version " + done + ", this program knows versions up to " + FILES.size()
                            + " (expected: a program at least as new as the one that wrote the data)"));
        }
        return Flux.range(done + 1, FILES.size() - done).concatMap(this::runOne).then();
    }

    private Mono<Void> runOne(int version) {
        String file = FILES.get(version - 1);
        Mono<Void> record = client.sql("INSERT INTO schema_version (version, name) VALUES (:version, :name)")
                .bind("version", version)
                .bind("name", file)
                .then();
        Mono<Void> statements =
                Flux.fromIterable(statements(file)).concatMap(this::execute).then();
        return record.then(statements).as(transaction::transactional);
    }

    private Mono<Void> execute(String sql) {
        return client.sql(sql).then();
    }

    private static List<String> statements(String file) {
        try (InputStream in = Migrations.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("migration " + file + " is not in the program");
            }
            StringBuilder sql = new StringBuilder();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("--"))
                    .forEach(line -> sql.append(line).append('\n'));
            List<String> statements = new ArrayList<>();
            for (String statement : sql.toString().split(";", -1)) {
                if (!statement.isBlank()) {
                    statements.add(statement.strip());
                }
            }
            return statements;
        } catch (IOException e) {
            throw new UncheckedIOException("migration " + file + " cannot be read", e);
        }
    }
}
