package io.weir.storage.catalog;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Where the two databases of the catalog differ. */
enum SqlDialect {
    SQLITE("CAST(unixepoch('subsec') * 1000000 AS INTEGER)"),
    POSTGRESQL("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)");

    private final String nowMicros;

    SqlDialect(String nowMicros) {
        this.nowMicros = nowMicros;
    }

    /** The dialect of that database. */
    static SqlDialect of(ConnectionFactory connections) {
        return connections.getMetadata().getName().equals("PostgreSQL") ? POSTGRESQL : SQLITE;
    }

    /** An expression: microseconds since 1970 by the database's clock. */
    String nowMicros() {
        return nowMicros;
    }

    /** Lets statements take as long as they take until the connection's transaction ends; an index over many files does. */
    Mono<Void> withoutTimeLimit(Connection connection) {
        return switch (this) {
            case SQLITE -> Mono.from(connection.setStatementTimeout(Duration.ZERO)); // the pool sets it back
            case POSTGRESQL ->
                Flux.from(connection
                                .createStatement("SET LOCAL statement_timeout = 0")
                                .execute())
                        .concatMap(Result::getRowsUpdated)
                        .then();
        };
    }

    /**
     * Statements with which a transaction that migrates begins: until it ends no other process migrates, and the schema that
     * the connections name is there.
     */
    List<String> beginMigration() {
        return switch (this) {
            case SQLITE -> List.of(); // a transaction that may write has the only lock from its beginning
            case POSTGRESQL ->
                List.of(
                        "SELECT pg_advisory_xact_lock(hashtext('weir catalog ' || current_setting('search_path')))",
                        "DO $$ BEGIN IF current_schema() IS NULL THEN EXECUTE format('CREATE SCHEMA %I',"
                                + " btrim(split_part(current_setting('search_path'), ',', 1), ' \"')); END IF; END $$");
        };
    }
}
