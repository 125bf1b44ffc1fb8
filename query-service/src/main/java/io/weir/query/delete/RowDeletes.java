package io.weir.query.delete;

import io.weir.common.auth.Principal;
import io.weir.common.hot.HotArea;
import io.weir.common.hot.HotControl;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.plan.QueryParameters;
import io.weir.query.plan.RowPredicate;
import io.weir.query.snapshot.Freshness;
import io.weir.query.snapshot.Reading;
import io.weir.query.snapshot.TableResolver;
import io.weir.query.snapshot.TableSize;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.KnownOutcome;
import io.weir.storage.catalog.NewDelete;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.ResultCursor;
import io.weir.storage.duckdb.SqlText;
import java.io.IOException;
import java.time.Clock;
import java.util.UUID;
import org.apache.arrow.vector.BigIntVector;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Deletes rows of a measurement by a condition. Thread-safe; never blocks.
 *
 * <pre>
 *   read the condition ─ count by a query ─ confirmed? ─ flush the measurement's hot rows ─ commit: the condition, and the files there are
 * </pre>
 *
 * Rows acknowledged before are in files by then, so the delete reaches them; a row that comes later is in another file, which is
 * none of the delete's. From the commit on every query leaves the rows out; what rewrites the files follows.
 */
public final class RowDeletes {

    private final QueryRunner runner;
    private final DuckDbEngine engine;
    private final TableResolver tables;
    private final Deletes deletes;
    private final HotControl hot;
    private final DeleteSettings settings;
    private final Clock clock;

    /** Deletes over these parts of the house. */
    public RowDeletes(
            QueryRunner runner,
            DuckDbEngine engine,
            TableResolver tables,
            Deletes deletes,
            HotControl hot,
            DeleteSettings settings,
            Clock clock) {
        this.runner = runner;
        this.engine = engine;
        this.tables = tables;
        this.deletes = deletes;
        this.hot = hot;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Deletes, or counts.
     *
     * @return completes when no query that begins afterwards sees the rows; an error {@code sql-syntax}, {@code
     *     sql-not-allowed}, {@code confirmation-needed}, those of name resolution and of queries. After {@code
     *     catalog-commit-unknown} the rows may be deleted; deleting them again does no harm
     */
    public Mono<DeleteAnswer> delete(DeleteRequest request) {
        return predicate(request)
                .flatMap(predicate -> counted(request, predicate))
                .flatMap(counted -> request.dryRun() || counted.answer().rows() == 0
                        ? Mono.just(counted.answer())
                        : begin(request, counted));
    }

    /** What a dry run says, and what a delete needs besides. */
    private record Counted(DeleteAnswer answer, RowPredicate predicate) {}

    private Mono<RowPredicate> predicate(DeleteRequest request) {
        return engine.withSession(
                        settings.timeout(),
                        session -> session.run(
                                        connection -> RowPredicate.read(request.where(), clock.instant(), connection))
                                .flux())
                .single();
    }

    private Mono<Counted> counted(DeleteRequest request, RowPredicate predicate) {
        return size(request, TimeRange.ALL)
                .flatMap(all -> size(request, predicate.times())
                        .flatMap(part -> count(request, all.table(), predicate)
                                .map(rows -> new Counted(
                                        new DeleteAnswer(
                                                all.table(), predicate.sql(), rows, all.rows(), part.files(), null),
                                        predicate))));
    }

    private Mono<TableSize> size(DeleteRequest request, TimeRange times) {
        return tables.size(request.database(), request.measurement(), Reading.ofTimes(times, Freshness.VISIBLE));
    }

    /** Rows that fit, whatever else the caller may read. */
    private Mono<Long> count(DeleteRequest request, TableId table, RowPredicate predicate) {
        String sql = "SELECT count(*) FROM " + SqlText.identifier(table.measurement()) + " WHERE " + predicate.sql();
        Principal counter =
                Principal.unrestricted(table.organisation(), request.caller().name());
        Query query = new Query(counter, table.database(), sql, QueryParameters.none(), settings.timeout());
        return runner.run(query, RowDeletes::number).next();
    }

    private static @Nullable Long number(ResultCursor cursor) throws IOException {
        return cursor.advance() ? ((BigIntVector) cursor.batch().getVector(0)).get(cursor.firstRow()) : null;
    }

    private Mono<DeleteAnswer> begin(DeleteRequest request, Counted counted) {
        DeleteAnswer answer = counted.answer();
        RowPredicate predicate = counted.predicate();
        TableId table = answer.table();
        request.confirmation()
                .require(
                        settings,
                        "this delete",
                        answer.rows(),
                        answer.totalRows(),
                        "member \"confirm\" with the number of rows that may go, {\"confirm\": #, …}");
        NewDelete delete = new NewDelete(
                UUID.randomUUID().toString(),
                table,
                predicate.sql(),
                predicate.wholeTimes(),
                predicate.times(),
                answer.rows());
        AuditEntry entry = Acts.entry(request.caller(), clock, "rows.deleted", table.toString(), predicate.sql());
        return hot.flush(HotArea.of(table))
                .timeout(settings.timeout(), Acts.notFlushed(table.measurement()))
                .then(Mono.defer(() -> KnownOutcome.of(deletes.begin(delete, entry))))
                .map(stored -> new DeleteAnswer(
                        table, answer.predicate(), answer.rows(), answer.totalRows(), answer.files(), stored));
    }
}
