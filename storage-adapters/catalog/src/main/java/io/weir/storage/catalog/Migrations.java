package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import io.weir.common.error.WeirException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.r2dbc.connection.R2dbcTransactionManager;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Brings the catalog's tables up to date: versioned SQL files beside this class, each run once, in order, all that are
 * missing in one transaction with the rows that record them. Processes that start together run one after the other, by
 * SQLite's write lock or PostgreSQL's advisory lock, and all but the first find nothing to do.
 */
final class Migrations {

    /** All there are; the version is the place in the list, from 1. */
    static final List<String> FILES = List.of(
            "V001__first.sql",
            "V002__idempotency_keys.sql",
            "V003__spans_changes_leases.sql",
            "V004__upkeep.sql",
            "V005__keys_in_byte_order.sql",
            "V006__compaction.sql",
            "V009__key_claims.sql",
            "V014__access.sql",
            "V020__deletes.sql",
            "V021__retention.sql",
            "V022__continuous_queries.sql",
            "V023__dedup_and_origins.sql",
            "V024__file_tags.sql",
            "V025__retention_boundary.sql");

    private final DatabaseClient client;
    private final SqlDialect dialect;
    private final TransactionalOperator transaction;
    private final List<String> files;
    private final List<List<String>> statements;

    /**
     * Reads the files, which takes a moment of the caller's thread.
     *
     * @param files the first so many of {@link #FILES}
     */
    Migrations(ConnectionFactory connections, List<String> files) {
        this.files = files;
        this.client = DatabaseClient.create(connections);
        this.dialect = SqlDialect.of(connections);
        // Statements behind the lock have to see what was committed while it was waited for.
        this.transaction = Transactions.operator(
                new R2dbcTransactionManager(connections), false, TransactionDefinition.ISOLATION_READ_COMMITTED);
        this.statements = files.stream().map(file -> statements(file, dialect)).toList();
    }

    /** All of it, in one transaction. */
    Mono<Void> run() {
        return client.inConnection(dialect::withoutTimeLimit)
                .thenMany(Flux.fromIterable(dialect.beginMigration()))
                .concatMap(this::execute)
                .then(
                        execute(
                                "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name VARCHAR(255) NOT NULL)"))
                .then(Mono.defer(this::runMissing))
                .as(transaction::transactional);
    }

    private Mono<Void> runMissing() {
        return client.sql("SELECT COALESCE(MAX(version), 0) FROM schema_version")
                .map(row -> ((Number) Rows.required(row, 0)).intValue())
                .one()
                .flatMap(this::runFrom);
    }

    private Mono<Void> runFrom(int done) {
        if (done > files.size()) {
            return Mono.error(new WeirException(
                    CatalogError.CATALOG_TOO_NEW,
                    "the catalog is at version " + done + ", this program knows versions up to " + files.size()
                            + " (expected: a program at least as new as the one that wrote the data)"));
        }
        return Flux.range(done + 1, files.size() - done).concatMap(this::runOne).then();
    }

    private Mono<Void> runOne(int version) {
        String file = files.get(version - 1);
        Mono<Void> record = client.sql("INSERT INTO schema_version (version, name) VALUES (:version, :name)")
                .bind("version", version)
                .bind("name", file)
                .then();
        return record.thenMany(Flux.fromIterable(statements.get(version - 1)).concatMap(this::execute))
                .then();
    }

    private Mono<Void> execute(String sql) {
        return client.sql(sql).then();
    }

    /** A comment that begins with the name of a database and a colon is a statement, or a line of one, for that database. */
    private static List<String> statements(String file, SqlDialect dialect) {
        try (InputStream in = Migrations.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("migration " + file + " is not in the program");
            }
            String only = "-- " + dialect.name().toLowerCase(Locale.ROOT) + ": ";
            StringBuilder sql = new StringBuilder();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.startsWith(only) ? line.substring(only.length()) : line)
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
