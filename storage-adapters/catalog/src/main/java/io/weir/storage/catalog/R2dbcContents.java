package io.weir.storage.catalog;

import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Contents over the tables of a {@link R2dbcCatalog}. Reads pages, all in one transaction that changes nothing. */
final class R2dbcContents implements CatalogContents {

    private static final int ROWS_A_PAGE = 2_000;

    private final DatabaseClient client;
    private final Transactions transactions;
    private final OrganisationTable organisations;
    private final RestoreTables restoring;
    private final Clock clock;

    /** @param transactions those of operations that may take long */
    R2dbcContents(DatabaseClient client, Transactions transactions, RestoreTables restoring, Clock clock) {
        this.client = client;
        this.transactions = transactions;
        this.organisations = new OrganisationTable(client);
        this.restoring = restoring;
        this.clock = clock;
    }

    @Override
    public Mono<Void> read(Function<List<CatalogRow>, Mono<Void>> sink) {
        Flux<List<CatalogRow>> first = Flux.concat(organisations(), databases());
        Flux<List<CatalogRow>> all =
                first.concatWith(measurements(Long.MIN_VALUE)).concatWith(files(""));
        return transactions.readOnce(
                "read all of it",
                requireWholeFiles().thenMany(all.concatMap(sink, 1)).then());
    }

    /** Files alone would bring back the rows that are deleted and still in them. */
    private Mono<Void> requireWholeFiles() {
        return client.sql("SELECT d.organisation, d.name, m.name FROM measurements m"
                        + " JOIN databases d ON d.id = m.database_id WHERE m.pending_deletes > 0 LIMIT 1")
                .map(row -> new TableId(Rows.text(row, 0), Rows.text(row, 1), Rows.text(row, 2)))
                .one()
                .flatMap(table -> Mono.error(new WeirException(
                        CatalogError.DELETES_PENDING,
                        "rows of " + table + " that were deleted are still in its files (expected: that these are"
                                + " rewritten, as GET /api/v1/delete tells)",
                        Map.of("measurement", table.measurement()))));
    }

    private Mono<List<CatalogRow>> organisations() {
        return organisations
                .all()
                .<CatalogRow>map(CatalogRow.OfOrganisation::new)
                .collectList();
    }

    private Mono<List<CatalogRow>> databases() {
        return client.sql("SELECT organisation, name FROM databases ORDER BY organisation, name")
                .<CatalogRow>map(row -> new CatalogRow.OfDatabase(new DatabaseId(Rows.text(row, 0), Rows.text(row, 1))))
                .all()
                .collectList();
    }

    private Flux<List<CatalogRow>> measurements(long after) {
        return measurementPage(after)
                .expand(page -> page.size() < ROWS_A_PAGE
                        ? Mono.empty()
                        : measurementPage(page.get(page.size() - 1).number()))
                .map(List::copyOf);
    }

    private Mono<List<CatalogRow.OfMeasurement>> measurementPage(long after) {
        return client.sql("SELECT m.id, d.organisation, d.name, m.name, m.has_nanos, m.dedup FROM measurements m"
                        + " JOIN databases d ON d.id = m.database_id WHERE m.id > :after ORDER BY m.id LIMIT :most")
                .bind("after", after)
                .bind("most", ROWS_A_PAGE)
                .map(row -> new Bare(
                        Rows.number(row, 0),
                        new TableId(Rows.text(row, 1), Rows.text(row, 2), Rows.text(row, 3)),
                        Rows.number(row, 4) != 0,
                        Dedup.ofCode((int) Rows.number(row, 5))))
                .all()
                .collectList()
                .flatMap(this::withColumns);
    }

    /** A measurement without its columns. */
    private record Bare(long id, TableId table, boolean nanos, Optional<Dedup> dedup) {}

    private record Numbered(long measurement, Column column) {}

    private Mono<List<CatalogRow.OfMeasurement>> withColumns(List<Bare> page) {
        if (page.isEmpty()) {
            return Mono.just(List.of());
        }
        return client.sql(
                        "SELECT measurement_id, name, type_code FROM measurement_columns"
                                + " WHERE measurement_id >= :first AND measurement_id <= :last ORDER BY measurement_id, position")
                .bind("first", page.get(0).id())
                .bind("last", page.get(page.size() - 1).id())
                .map(row -> new Numbered(
                        Rows.number(row, 0), MeasurementTables.column(Rows.text(row, 1), Rows.number(row, 2))))
                .all()
                .collectMultimap(Numbered::measurement, Numbered::column)
                .map(columns -> page.stream()
                        .map(bare -> new CatalogRow.OfMeasurement(
                                bare.id(),
                                bare.table(),
                                MeasurementSchema.of(
                                        new ArrayList<>(columns.getOrDefault(bare.id(), List.of())), bare.nanos()),
                                bare.dedup()))
                        .toList());
    }

    private Flux<List<CatalogRow>> files(String after) {
        return filePage(after)
                .expand(page -> page.size() < ROWS_A_PAGE
                        ? Mono.empty()
                        : filePage(page.get(page.size() - 1).file().objectKey()))
                .map(List::copyOf);
    }

    private Mono<List<CatalogRow.OfFile>> filePage(String after) {
        return client.sql("SELECT object_key, min_micros, max_micros, row_count, size_bytes, measurement_id FROM files"
                        + " WHERE object_key > :after ORDER BY object_key LIMIT :most")
                .bind("after", after)
                .bind("most", ROWS_A_PAGE)
                .map(row -> new CatalogRow.OfFile(Rows.number(row, 5), Rows.file(row)))
                .all()
                .collectList();
    }

    @Override
    public Mono<Set<String>> origins() {
        return transactions.write("read its origins", restoring.origins()); // makes its own when there is none
    }

    @Override
    public Mono<Long> readers() {
        return transactions.read(
                "count its readers",
                client.sql("SELECT COUNT(*) FROM readers WHERE expires_micros > :now")
                        .bind("now", clock.millis() * 1000)
                        .map(row -> Rows.number(row, 0))
                        .one());
    }

    @Override
    public Mono<Restored> restore(Restoration what) {
        return transactions.write("restore " + what.id(), restoring.restore(what));
    }

    /** Ends the transaction that found out what would be done. */
    private static final class Tried extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Restored restored;

        Tried(Restored restored) {
            super("tried", null, false, false);
            this.restored = restored;
        }
    }

    @Override
    public Mono<Restored> tryRestore(Restoration what) {
        return transactions
                .write(
                        "try to restore " + what.id(),
                        restoring.restore(what).flatMap(restored -> Mono.<Restored>error(new Tried(restored))))
                .onErrorResume(Tried.class, tried -> Mono.just(tried.restored));
    }
}
