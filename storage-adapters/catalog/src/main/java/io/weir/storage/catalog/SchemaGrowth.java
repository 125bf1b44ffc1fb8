package io.weir.storage.catalog;

import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Gives many measurements of one database their new columns with few statements: reads what is there, decides, inserts
 * what is missing. Runs in whatever transaction the caller opened, which must be serializable.
 */
final class SchemaGrowth {

    private static final int NAMES_A_STATEMENT = 500;

    private final DatabaseClient client;
    private final RowIds ids;

    SchemaGrowth(DatabaseClient client, RowIds ids) {
        this.client = client;
        this.ids = ids;
    }

    /** A measurement before and after; {@code before} is null when it is new. */
    private static final class Table {
        private final long id;
        private final @Nullable MeasurementSchema before;
        private MeasurementSchema after;

        Table(long id, @Nullable MeasurementSchema before) {
            this.id = id;
            this.before = before;
            this.after = before == null ? MeasurementSchema.empty() : before;
        }

        int known() {
            return before == null ? 0 : before.columns().size();
        }
    }

    /**
     * Schemas afterwards, in the order in which measurements were first named.
     *
     * @param databaseId row of the database
     * @return an error {@code column-conflict} when a column is there with another type
     */
    Mono<List<TableSchema>> grow(DatabaseId database, long databaseId, List<NewColumns> wanted) {
        return existing(
                        databaseId,
                        wanted.stream().map(NewColumns::measurement).distinct().toList())
                .flatMap(known -> {
                    Map<String, Table> tables = decide(database, known, wanted);
                    return insert(databaseId, tables)
                            .thenReturn(tables.entrySet().stream()
                                    .map(table -> new TableSchema(table.getKey(), table.getValue().after))
                                    .toList());
                });
    }

    private record ColumnRow(
            long id,
            String measurement,
            boolean nanos,
            @Nullable Column column) {}

    private Mono<Map<String, Table>> existing(long databaseId, List<String> names) {
        return Flux.fromIterable(names)
                .buffer(NAMES_A_STATEMENT)
                .concatMap(some -> client.sql(
                                "SELECT m.id, m.name, m.has_nanos, c.name, c.type_code FROM measurements m"
                                        + " LEFT JOIN measurement_columns c ON c.measurement_id = m.id"
                                        + " WHERE m.database_id = :database AND m.name IN (:names)"
                                        + " ORDER BY m.name, c.position")
                        .bind("database", databaseId)
                        .bind("names", some)
                        .map(row -> new ColumnRow(
                                Rows.number(row, 0),
                                Rows.text(row, 1),
                                Rows.number(row, 2) != 0,
                                row.get(3) == null
                                        ? null
                                        : MeasurementTables.column(Rows.text(row, 3), Rows.number(row, 4))))
                        .all())
                .bufferUntilChanged(ColumnRow::measurement)
                .collect(HashMap::new, (tables, rows) -> tables.put(rows.get(0).measurement(), tableOf(rows)));
    }

    private static Table tableOf(List<ColumnRow> rows) {
        List<Column> columns = new ArrayList<>(rows.size());
        for (ColumnRow row : rows) {
            if (row.column() != null) {
                columns.add(row.column());
            }
        }
        return new Table(
                rows.get(0).id(), MeasurementSchema.of(columns, rows.get(0).nanos()));
    }

    private Map<String, Table> decide(DatabaseId database, Map<String, Table> known, List<NewColumns> wanted) {
        Map<String, Table> tables = new LinkedHashMap<>();
        for (NewColumns more : wanted) {
            Table table = tables.computeIfAbsent(more.measurement(), name -> {
                Table there = known.get(name);
                return there == null ? new Table(ids.next(), null) : there;
            });
            for (Column column : more.columns()) {
                Column there = table.after.find(column.name());
                if (there != null && there.type() != column.type()) {
                    throw conflict(database, more.measurement(), there, column);
                }
            }
            table.after = table.after.plus(more.columns(), more.nanos());
        }
        return tables;
    }

    private static WeirException conflict(DatabaseId database, String measurement, Column existing, Column wanted) {
        return new WeirException(
                CatalogError.COLUMN_CONFLICT,
                "column \"" + wanted.name() + "\" of "
                        + database.table(measurement).measurement() + " holds "
                        + existing.type().noun() + " values, not "
                        + wanted.type().noun(),
                Map.of("column", wanted.name(), "expected", existing.type().noun()));
    }

    private Mono<Void> insert(long databaseId, Map<String, Table> tables) {
        boolean noneIsNew = tables.values().stream().noneMatch(table -> table.before == null);
        return noneIsNew
                ? insert(databaseId, tables, 0)
                : firstSequence().flatMap(first -> insert(databaseId, tables, first));
    }

    /** Where commit sequences of a new measurement begin: above those of any that was dropped, for it may have had the name. */
    private Mono<Long> firstSequence() {
        return client.sql("SELECT commit_sequence FROM dropped_sequence")
                .map(row -> Rows.number(row, 0))
                .one()
                .defaultIfEmpty(0L);
    }

    private Mono<Void> insert(long databaseId, Map<String, Table> tables, long firstSequence) {
        BulkInsert measurements =
                new BulkInsert("measurements", "id", "database_id", "name", "has_nanos", "commit_sequence");
        BulkInsert columns = new BulkInsert("measurement_columns", "measurement_id", "position", "name", "type_code");
        List<Long> nanosTurnedOn = new ArrayList<>();
        tables.forEach((name, table) -> {
            if (table.before == null) {
                measurements.row(table.id, databaseId, name, table.after.hasNanos() ? 1 : 0, firstSequence);
            } else if (table.after.hasNanos() && !table.before.hasNanos()) {
                nanosTurnedOn.add(table.id);
            }
            List<Column> all = table.after.columns();
            for (int position = table.known(); position < all.size(); position++) {
                Column column = all.get(position);
                columns.row(table.id, position, column.name(), column.type().code());
            }
        });
        return measurements
                .run(client)
                .then(columns.run(client))
                .thenMany(Flux.fromIterable(nanosTurnedOn)
                        .buffer(NAMES_A_STATEMENT)
                        .concatMap(this::turnNanosOn))
                .then();
    }

    private Mono<Void> turnNanosOn(List<Long> some) {
        return client.sql("UPDATE measurements SET has_nanos = 1 WHERE id IN (:ids)")
                .bind("ids", some)
                .then();
    }
}
