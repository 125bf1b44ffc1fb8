package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import io.weir.common.error.WeirException;
import io.weir.common.model.TableId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** Continuous queries in the catalog's database, whose tables {@link Catalog#migrate} makes. Does not own the connection factory. */
public final class R2dbcContinuousQueries implements ContinuousQueries {

    private static final String COLUMNS = "id, organisation, name, database_name, statement, destination_database,"
            + " destination_measurement, interval_micros, lag_micros, lateness_micros, enabled, creator, sources,"
            + " created_micros, revision, watermark_micros, last_window, " + TaskTable.STATE;

    private static final String SELECT = "SELECT " + COLUMNS + " FROM continuous_queries";

    /** Found by the index {@code continuous_queries_by_next_run}. */
    static final String DUE = SELECT + " WHERE next_run_micros <= :now ORDER BY next_run_micros LIMIT :most";

    private final DatabaseClient client;
    private final Transactions transactions;
    private final AuditedChanges changes;
    private final TaskTable tasks;
    private final WindowTable windows;
    private final FileTables files;
    private final LeaseTable leases;
    private final Clock clock;

    /**
     * Queries in that database.
     *
     * @param connections pooled connections; closed by whoever made them
     * @param clock gives the times recorded in the catalog
     * @param timeout longest an operation may take, retries included
     * @param auditEntries acts that the audit log keeps
     */
    public R2dbcContinuousQueries(ConnectionFactory connections, Clock clock, Duration timeout, int auditEntries) {
        this.client = DatabaseClient.create(connections);
        this.transactions = new Transactions(connections, timeout);
        this.changes = new AuditedChanges(client, transactions, auditEntries);
        this.tasks = new TaskTable(client, "continuous_queries", "continuous_runs", "query_id", "continuous query");
        this.windows = new WindowTable(client);
        this.leases = new LeaseTable(client, SqlDialect.of(connections));
        this.files = new FileTables(client, clock, leases, new RemovedFiles(client), new DeleteTables(client));
        this.clock = clock;
    }

    private long nowMicros() {
        return TokenTable.micros(clock.instant());
    }

    private static ContinuousQuery query(Readable row) {
        String organisation = Rows.text(row, 1);
        String sources = Rows.text(row, 12);
        return new ContinuousQuery(
                Rows.text(row, 0),
                organisation,
                new ContinuousDefinition(
                        Rows.text(row, 2),
                        Rows.text(row, 3),
                        Rows.text(row, 4),
                        new TableId(organisation, Rows.text(row, 5), Rows.text(row, 6)),
                        Rows.duration(row, 7),
                        Rows.duration(row, 8),
                        Rows.duration(row, 9),
                        Rows.number(row, 10) != 0,
                        Rows.text(row, 11),
                        sources.isEmpty() ? List.of() : Arrays.asList(sources.split(",", -1))),
                TokenTable.instant(Rows.number(row, 13)),
                Rows.number(row, 14),
                Rows.number(row, 15),
                TaskTable.state(row, 17));
    }

    @Override
    public Mono<Void> add(ContinuousQuery query, AuditEntry entry) {
        ContinuousDefinition definition = query.definition();
        BulkInsert row = new BulkInsert("continuous_queries", COLUMNS.split(", "));
        row.row(
                query.id(),
                query.organisation(),
                definition.name(),
                definition.database(),
                definition.statement(),
                definition.destination().database(),
                definition.destination().measurement(),
                Rows.micros(definition.interval()),
                Rows.micros(definition.lag()),
                Rows.micros(definition.lateness()),
                definition.enabled() ? 1 : 0,
                definition.creator(),
                String.join(",", definition.sources()),
                TokenTable.micros(query.created()),
                query.revision(),
                query.watermarkMicros(),
                "",
                TaskTable.micros(query.state().nextRun()),
                TokenTable.micros(query.state().lastRun()),
                query.state().failures(),
                query.state().lastFailure());
        Mono<Boolean> added = tasks.requireRoom(query.organisation(), query.id(), definition.name(), MOST)
                .then(Mono.defer(() -> row.run(client)))
                .thenReturn(true);
        return changes.make("add a continuous query", entry, added).then();
    }

    private Mono<ContinuousQuery> findNow(String organisation, String id) {
        return client.sql(SELECT + " WHERE organisation = :organisation AND id = :id")
                .bind("organisation", organisation)
                .bind("id", id)
                .map(R2dbcContinuousQueries::query)
                .one();
    }

    @Override
    public Mono<ContinuousQuery> find(String organisation, String id) {
        return transactions.read("read a continuous query", findNow(organisation, id));
    }

    @Override
    public Mono<List<ContinuousQuery>> list(String organisation, String after, int atMost) {
        return transactions.read(
                "list continuous queries",
                client.sql(SELECT + " WHERE organisation = :organisation AND id > :after ORDER BY id LIMIT :most")
                        .bind("organisation", organisation)
                        .bind("after", after)
                        .bind("most", atMost)
                        .map(R2dbcContinuousQueries::query)
                        .all()
                        .collectList());
    }

    @Override
    public Mono<ContinuousQuery> change(
            String organisation,
            String id,
            ContinuousDefinition definition,
            @Nullable Instant nextRun,
            AuditEntry entry) {
        Mono<Void> update = client.sql("UPDATE continuous_queries SET name = :name, database_name = :database,"
                        + " statement = :statement, lag_micros = :lag, lateness_micros = :lateness, enabled = :enabled,"
                        + " creator = :creator, sources = :sources, revision = revision + 1, next_run_micros = :next,"
                        + " failures = 0, last_failure = '' WHERE organisation = :organisation AND id = :id")
                .bind("name", definition.name())
                .bind("database", definition.database())
                .bind("statement", definition.statement())
                .bind("lag", Rows.micros(definition.lag()))
                .bind("lateness", Rows.micros(definition.lateness()))
                .bind("enabled", definition.enabled() ? 1 : 0)
                .bind("creator", definition.creator())
                .bind("sources", String.join(",", definition.sources()))
                .bind("next", TaskTable.micros(nextRun))
                .bind("organisation", organisation)
                .bind("id", id)
                .then();
        Mono<ContinuousQuery> changed = findNow(organisation, id)
                .flatMap(there -> tasks.requireRoom(organisation, id, definition.name(), Integer.MAX_VALUE)
                        .then(update)
                        .then(Mono.defer(() -> findNow(organisation, id))));
        return changes.make("change a continuous query", entry, changed);
    }

    @Override
    public Mono<Boolean> remove(String organisation, String id, AuditEntry entry) {
        Mono<Boolean> removed = tasks.remove(organisation, id)
                .filter(there -> there)
                .flatMap(there ->
                        windows.settle(id, 0, Long.MAX_VALUE, nowMicros()).thenReturn(there));
        return changes.make("remove a continuous query", entry, removed).hasElement();
    }

    @Override
    public Mono<List<ContinuousQuery>> due(Instant now, int atMost) {
        return transactions.read(
                "read which continuous queries are due",
                client.sql(DUE)
                        .bind("now", TokenTable.micros(now))
                        .bind("most", atMost)
                        .map(R2dbcContinuousQueries::query)
                        .all()
                        .collectList());
    }

    @Override
    public Mono<List<OpenWindow>> openWindows(String queryId) {
        return transactions.read("read windows of a continuous query", windows.of(queryId));
    }

    /** How far a query is, now. */
    private record Progress(long revision, long watermark, String lastWindow) {}

    @Override
    public Mono<Void> commit(WindowCommit window) {
        ContinuousQuery query = window.query();
        Mono<Void> once = client.sql(
                        "SELECT revision, watermark_micros, last_window FROM continuous_queries WHERE id = :id")
                .bind("id", query.id())
                .map(row -> new Progress(Rows.number(row, 0), Rows.number(row, 1), Rows.text(row, 2)))
                .one()
                .switchIfEmpty(Mono.error(() -> changed(query, "is gone")))
                .flatMap(progress -> {
                    if (progress.lastWindow().equals(window.id())) {
                        return Mono.empty(); // it was committed, only nobody was told
                    }
                    if (progress.revision() != query.revision() || progress.watermark() != query.watermarkMicros()) {
                        return Mono.error(changed(query, "was changed, or run by another server, meanwhile"));
                    }
                    return leases.requireHeld(window.lease()).then(Mono.defer(() -> commitNew(window)));
                });
        return transactions.write("commit a window of continuous query " + query.id(), once);
    }

    private static WeirException changed(ContinuousQuery query, String how) {
        return new WeirException(
                CatalogError.TASK_CHANGED,
                "continuous query \"" + query.definition().name() + "\" " + how,
                Map.of("id", query.id()));
    }

    private Mono<Void> commitNew(WindowCommit window) {
        ContinuousQuery query = window.query();
        long interval = query.intervalMicros();
        long watermark = query.watermarkMicros() + (window.isNext() ? interval : 0);
        List<String> keys = window.files().stream().map(DataFile::objectKey).toList();
        Mono<Void> moved = client.sql("UPDATE continuous_queries SET watermark_micros = :watermark,"
                        + " last_window = :window WHERE id = :id")
                .bind("watermark", watermark)
                .bind("window", window.id())
                .bind("id", query.id())
                .then();
        boolean nothing = keys.isEmpty() && window.replaced().isEmpty();
        return moved.then(Mono.defer(() -> nothing ? Mono.empty() : files.change(window.change())))
                .then(windows.put(query.id(), new OpenWindow(window.startMicros(), window.digest(), keys)))
                .then(Mono.defer(() -> windows.settle(
                        query.id(),
                        interval,
                        watermark - Rows.micros(query.definition().lateness()),
                        nowMicros())));
    }

    @Override
    public Mono<Void> settle(String queryId, long startMicros) {
        return transactions.write(
                "settle a window of continuous query " + queryId, windows.settleOne(queryId, startMicros, nowMicros()));
    }

    @Override
    public Mono<Void> ran(ContinuousQuery query, TaskState state, @Nullable ContinuousRun run, int kept) {
        Mono<Void> remembered = run == null ? Mono.empty() : insert(run).then(tasks.forgetRuns(query.id(), kept));
        return transactions.write(
                "record a run of a continuous query",
                tasks.stand(query.id(), query.revision(), state).then(remembered));
    }

    private Mono<Void> insert(ContinuousRun run) {
        BulkInsert row = new BulkInsert(
                        "continuous_runs",
                        "run_id",
                        "query_id",
                        "began_micros",
                        "ended_micros",
                        "from_micros",
                        "to_micros",
                        "windows",
                        "recomputed",
                        "row_count",
                        "failure")
                .onConflict("(run_id) DO NOTHING");
        row.row(
                run.id(),
                run.queryId(),
                TokenTable.micros(run.began()),
                TokenTable.micros(run.ended()),
                TokenTable.micros(run.from()),
                TokenTable.micros(run.to()),
                run.windows(),
                run.recomputed(),
                run.rows(),
                run.failure());
        return row.run(client);
    }

    @Override
    public Mono<List<ContinuousRun>> runs(String queryId, int atMost) {
        return transactions.read(
                "read runs of a continuous query",
                client.sql("SELECT run_id, query_id, began_micros, ended_micros, from_micros, to_micros, windows,"
                                + " recomputed, row_count, failure FROM continuous_runs WHERE query_id = :id"
                                + " ORDER BY ended_micros DESC, run_id LIMIT :most")
                        .bind("id", queryId)
                        .bind("most", atMost)
                        .map(row -> new ContinuousRun(
                                Rows.text(row, 0),
                                Rows.text(row, 1),
                                TokenTable.instant(Rows.number(row, 2)),
                                TokenTable.instant(Rows.number(row, 3)),
                                TokenTable.instant(Rows.number(row, 4)),
                                TokenTable.instant(Rows.number(row, 5)),
                                Rows.number(row, 6),
                                Rows.number(row, 7),
                                Rows.number(row, 8),
                                Rows.text(row, 9)))
                        .all()
                        .collectList());
    }
}
