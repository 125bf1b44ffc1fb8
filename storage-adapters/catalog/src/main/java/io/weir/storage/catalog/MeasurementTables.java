package io.weir.storage.catalog;

import io.r2dbc.spi.Readable;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements over databases, measurements and their columns. Runs in whatever transaction the caller opened. */
final class MeasurementTables {

    private final DatabaseClient client;
    private final RowIds ids;
    private final SchemaGrowth growth;
    private final Clock clock;

    MeasurementTables(DatabaseClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
        this.ids = new RowIds(clock);
        this.growth = new SchemaGrowth(client, ids);
    }

    Mono<Boolean> createDatabase(DatabaseId database) {
        Mono<Boolean> insert = client.sql("INSERT INTO databases (id, organisation, name, created_micros)"
                        + " VALUES (:id, :organisation, :name, :created)")
                .bind("id", ids.next())
                .bind("organisation", database.organisation())
                .bind("name", database.database())
                .bind("created", clock.millis() * 1000)
                .then()
                .thenReturn(true);
        return findDatabase(database).map(id -> false).switchIfEmpty(insert);
    }

    Flux<String> databases(String organisation) {
        return client.sql("SELECT name FROM databases WHERE organisation = :organisation ORDER BY name")
                .bind("organisation", organisation)
                .map(row -> Rows.text(row, 0))
                .all();
    }

    Flux<TableSchema> schemas(DatabaseId database) {
        return findDatabase(database)
                .flatMapMany(id -> client.sql("SELECT m.name, m.has_nanos, c.name, c.type_code FROM measurements m"
                                + " LEFT JOIN measurement_columns c ON c.measurement_id = m.id"
                                + " WHERE m.database_id = :id ORDER BY m.name, c.position")
                        .bind("id", id)
                        .map(MeasurementTables::schemaRow)
                        .all()
                        .bufferUntilChanged(SchemaRow::measurement)
                        .map(MeasurementTables::schemaOf));
    }

    private record SchemaRow(String measurement, boolean nanos, List<Column> column) {}

    private static SchemaRow schemaRow(Readable row) {
        return new SchemaRow(
                Rows.text(row, 0),
                Rows.number(row, 1) != 0,
                row.get(2) == null ? List.of() : List.of(column(Rows.text(row, 2), Rows.number(row, 3))));
    }

    private static TableSchema schemaOf(List<SchemaRow> rows) {
        List<Column> columns = new ArrayList<>(rows.size());
        rows.forEach(row -> columns.addAll(row.column()));
        return new TableSchema(
                rows.get(0).measurement(),
                MeasurementSchema.of(columns, rows.get(0).nanos()));
    }

    static Column column(String name, long typeCode) {
        return new Column(name, ColumnType.ofCode((int) typeCode));
    }

    /** A measurement's row and its columns. */
    record Measurement(
            long id, long commitSequence, long pendingDeletes, MeasurementSchema schema, Optional<Dedup> dedup) {

        /** Of its schema and of its files. */
        String version() {
            return MeasurementTables.version(
                    id, commitSequence, schema.columns().size(), schema.hasNanos());
        }
    }

    private record ColumnRow(long id, long commitSequence, long pendingDeletes, int dedup, SchemaRow row) {}

    /** Columns are only ever added, and ids are never used again, so numbers are enough. */
    static String version(long id, long commits, long columns, boolean nanos) {
        return id + "." + commits + "." + columns + (nanos ? "n" : "");
    }

    /** The version of that measurement, without its columns; empty when there is none. */
    Mono<String> version(TableId table) {
        return client.sql("SELECT m.id, m.commit_sequence, m.has_nanos,"
                        + " (SELECT count(*) FROM measurement_columns c WHERE c.measurement_id = m.id)"
                        + " FROM measurements m JOIN databases d ON d.id = m.database_id"
                        + " WHERE d.organisation = :organisation AND d.name = :database AND m.name = :measurement")
                .bind("organisation", table.organisation())
                .bind("database", table.database())
                .bind("measurement", table.measurement())
                .map(row -> version(
                        Rows.number(row, 0), Rows.number(row, 1), Rows.number(row, 3), Rows.number(row, 2) != 0))
                .one();
    }

    /** That measurement; empty when there is none. */
    Mono<Measurement> find(TableId table) {
        return client.sql(
                        "SELECT m.name, m.has_nanos, c.name, c.type_code, m.id, m.commit_sequence, m.pending_deletes, m.dedup"
                                + " FROM measurements m"
                                + " JOIN databases d ON d.id = m.database_id"
                                + " LEFT JOIN measurement_columns c ON c.measurement_id = m.id"
                                + " WHERE d.organisation = :organisation AND d.name = :database AND m.name = :measurement"
                                + " ORDER BY c.position")
                .bind("organisation", table.organisation())
                .bind("database", table.database())
                .bind("measurement", table.measurement())
                .map(row -> new ColumnRow(
                        Rows.number(row, 4),
                        Rows.number(row, 5),
                        Rows.number(row, 6),
                        (int) Rows.number(row, 7),
                        schemaRow(row)))
                .all()
                .collectList()
                .filter(rows -> !rows.isEmpty())
                .map(rows -> new Measurement(
                        rows.get(0).id(),
                        rows.get(0).commitSequence(),
                        rows.get(0).pendingDeletes(),
                        schemaOf(rows.stream().map(ColumnRow::row).toList()).schema(),
                        Dedup.ofCode(rows.get(0).dedup())));
    }

    Mono<Void> setDedup(TableId table, Dedup dedup) {
        return client.sql("UPDATE measurements SET dedup = :dedup WHERE name = :measurement AND database_id ="
                        + " (SELECT id FROM databases WHERE organisation = :organisation AND name = :database)")
                .bind("dedup", dedup.code())
                .bind("measurement", table.measurement())
                .bind("organisation", table.organisation())
                .bind("database", table.database())
                .fetch()
                .rowsUpdated()
                .filter(rows -> rows == 1)
                .switchIfEmpty(Mono.error(() -> FileTables.notFound(table)))
                .then();
    }

    private Mono<Long> findDatabase(DatabaseId database) {
        return client.sql("SELECT id FROM databases WHERE organisation = :organisation AND name = :name")
                .bind("organisation", database.organisation())
                .bind("name", database.database())
                .map(row -> Rows.number(row, 0))
                .one();
    }

    /** Adds columns to measurements of one database, creating measurements if need be. */
    Mono<List<TableSchema>> addColumns(DatabaseId database, List<NewColumns> wanted) {
        return findDatabase(database)
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        CommonError.DATABASE_NOT_FOUND, "database " + database.database() + " does not exist")))
                .flatMap(id -> growth.grow(database, id, wanted));
    }
}
