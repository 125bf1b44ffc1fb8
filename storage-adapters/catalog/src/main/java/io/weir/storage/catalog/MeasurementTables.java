package io.weir.storage.catalog;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
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
                        .map(row -> new SchemaRow(
                                Rows.text(row, 0),
                                Rows.number(row, 1) != 0,
                                row.get(2) == null
                                        ? List.of()
                                        : List.of(column(Rows.text(row, 2), Rows.number(row, 3)))))
                        .all()
                        .bufferUntilChanged(SchemaRow::measurement)
                        .map(MeasurementTables::schemaOf));
    }

    private record SchemaRow(String measurement, boolean nanos, List<Column> column) {}

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

    /** Id of that measurement; empty when there is none. */
    Mono<Long> findId(TableId table) {
        return client.sql("SELECT m.id FROM measurements m JOIN databases d ON d.id = m.database_id"
                        + " WHERE d.organisation = :organisation AND d.name = :database AND m.name = :measurement")
                .bind("organisation", table.organisation())
                .bind("database", table.database())
                .bind("measurement", table.measurement())
                .map(row -> Rows.number(row, 0))
                .one();
    }

    private Mono<Long> findDatabase(DatabaseId database) {
        return client.sql("SELECT id FROM databases WHERE organisation = :organisation AND name = :name")
                .bind("organisation", database.organisation())
                .bind("name", database.database())
                .map(row -> Rows.number(row, 0))
                .one();
    }

    Mono<MeasurementSchema> schema(long id) {
        Mono<Boolean> nanos = client.sql("SELECT has_nanos FROM measurements WHERE id = :id")
                .bind("id", id)
                .map(row -> Rows.number(row, 0) != 0)
                .one();
        Mono<List<Column>> columns = client.sql(
                        "SELECT name, type_code FROM measurement_columns WHERE measurement_id = :id ORDER BY position")
                .bind("id", id)
                .map(row -> column(Rows.text(row, 0), Rows.number(row, 1)))
                .all()
                .collectList();
        return nanos.zipWhen(any -> columns, (hasNanos, all) -> MeasurementSchema.of(all, hasNanos));
    }

    /** Adds columns to measurements of one database, creating measurements if need be. */
    Mono<List<TableSchema>> addColumns(DatabaseId database, List<NewColumns> wanted) {
        return findDatabase(database)
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        CommonError.DATABASE_NOT_FOUND, "database " + database.database() + " does not exist")))
                .flatMap(id -> growth.grow(database, id, wanted));
    }
}
