package io.weir.storage.catalog;

import io.weir.common.limit.OrganisationLimits;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements over organisations. Runs in the caller's transaction. */
final class OrganisationTable {

    private final DatabaseClient client;

    OrganisationTable(DatabaseClient client) {
        this.client = client;
    }

    Flux<Organisation> all() {
        return client.sql("SELECT name, created_micros, bytes_per_minute, rows_per_minute, concurrent_queries, sockets,"
                        + " cache_entries FROM organisations ORDER BY name")
                .map(row -> new Organisation(
                        Rows.text(row, 0),
                        TokenTable.instant(Rows.number(row, 1)),
                        new OrganisationLimits(
                                Rows.number(row, 2),
                                Rows.number(row, 3),
                                (int) Rows.number(row, 4),
                                (int) Rows.number(row, 5),
                                (int) Rows.number(row, 6))))
                .all();
    }

    Mono<Boolean> exists(String name) {
        return count("SELECT COUNT(*) FROM organisations WHERE name = :name", name)
                .map(rows -> rows > 0);
    }

    Mono<Long> count() {
        return client.sql("SELECT COUNT(*) FROM organisations")
                .map(row -> Rows.number(row, 0))
                .one();
    }

    Mono<Long> databases(String name) {
        return count("SELECT COUNT(*) FROM databases WHERE organisation = :name", name);
    }

    private Mono<Long> count(String sql, String name) {
        return client.sql(sql)
                .bind("name", name)
                .map(row -> Rows.number(row, 0))
                .one();
    }

    Mono<Void> add(Organisation organisation) {
        return limits(
                        client.sql("INSERT INTO organisations (name, created_micros, bytes_per_minute, rows_per_minute,"
                                        + " concurrent_queries, sockets, cache_entries) VALUES (:name, :created, :bytes,"
                                        + " :rows, :queries, :sockets, :entries)")
                                .bind("created", TokenTable.micros(organisation.created())),
                        organisation)
                .then();
    }

    /** Rows changed: 1, or 0 when there is none of that name. */
    Mono<Long> update(Organisation organisation) {
        return limits(
                        client.sql("UPDATE organisations SET bytes_per_minute = :bytes, rows_per_minute = :rows,"
                                + " concurrent_queries = :queries, sockets = :sockets, cache_entries = :entries"
                                + " WHERE name = :name"),
                        organisation)
                .fetch()
                .rowsUpdated();
    }

    Mono<Void> remove(String name) {
        return client.sql("DELETE FROM organisations WHERE name = :name")
                .bind("name", name)
                .then();
    }

    private static DatabaseClient.GenericExecuteSpec limits(
            DatabaseClient.GenericExecuteSpec statement, Organisation organisation) {
        OrganisationLimits limits = organisation.limits();
        return statement
                .bind("name", organisation.name())
                .bind("bytes", limits.bytesPerMinute())
                .bind("rows", limits.rowsPerMinute())
                .bind("queries", limits.concurrentQueries())
                .bind("sockets", limits.sockets())
                .bind("entries", limits.cacheEntries());
    }
}
