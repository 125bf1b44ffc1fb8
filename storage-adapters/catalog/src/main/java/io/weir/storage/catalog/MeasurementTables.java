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
import java.util.Map;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements over databases, measurements and their columns. Runs in whatever transaction the caller opened. */
final class MeasurementTables {

    private final DatabaseClient client;
    private final RowIds ids;
    private final Clock clock;

    MeasurementTables(DatabaseClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
        this.ids = new RowIds(clock);
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

    private static Column column(String name, long typeCode) {
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

    /** Id of that measurement; an error {@code measurement-not-found} when there is none. */
    Mono<Long> requireId(TableId table) {
        return findId(table)
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        CommonError.MEASUREMENT_NOT_FOUND, "measurement " + table + " does not exist")));
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

    Mono<MeasurementSchema> addColumns(TableId table, List<Column> columns, boolean nanos) {
        return findId(table)
                .switchIfEmpty(createMeasurement(table))
                .flatMap(id -> schema(id).flatMap(before -> extend(table, id, before, columns, nanos)));
    }

    private Mono<Long> createMeasurement(TableId table) {
        long id = ids.next();
        return findDatabase(table.databaseId())
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        CommonError.DATABASE_NOT_FOUND, "database " + table.database() + " does not exist")))
                .flatMap(databaseId -> client.sql(
                                "INSERT INTO measurements (id, database_id, name) VALUES (:id, :database, :name)")
                        .bind("id", id)
                        .bind("database", databaseId)
                        .bind("name", table.measurement())
                        .then()
                        .thenReturn(id));
    }

    private Mono<MeasurementSchema> extend(
            TableId table, long id, MeasurementSchema before, List<Column> columns, boolean nanos) {
        for (Column column : columns) {
            Column existing = before.find(column.name());
            if (existing != null && existing.type() != column.type()) {
                return Mono.error(conflict(table, existing, column));
            }
        }
        MeasurementSchema after = before.plus(columns, nanos);
        Mono<Void> insert = Flux.fromIterable(after.columns()
                        .subList(before.columns().size(), after.columns().size()))
                .concatMap(column -> insertColumn(id, after.positionOf(column.name()), column))
                .then();
        Mono<Void> turnNanosOn = after.hasNanos() == before.hasNanos()
                ? Mono.empty()
                : client.sql("UPDATE measurements SET has_nanos = 1 WHERE id = :id")
                        .bind("id", id)
                        .then();
        return insert.then(turnNanosOn).thenReturn(after);
    }

    private Mono<Void> insertColumn(long id, int position, Column column) {
        return client.sql("INSERT INTO measurement_columns (measurement_id, position, name, type_code)"
                        + " VALUES (:id, :position, :name, :type)")
                .bind("id", id)
                .bind("position", position)
                .bind("name", column.name())
                .bind("type", column.type().code())
                .then();
    }

    private static WeirException conflict(TableId table, Column existing, Column wanted) {
        return new WeirException(
                CatalogError.COLUMN_CONFLICT,
                "column \"" + wanted.name() + "\" of " + table.measurement() + " holds "
                        + existing.type().noun() + " values, not "
                        + wanted.type().noun(),
                Map.of("column", wanted.name(), "expected", existing.type().noun()));
    }
}
