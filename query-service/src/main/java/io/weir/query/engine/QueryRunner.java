package io.weir.query.engine;

import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotHold;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.stats.TagFilter;
import io.weir.query.QueryError;
import io.weir.query.engine.QueryStages.Stage;
import io.weir.query.lastvalue.LastShape;
import io.weir.query.lastvalue.LastValueTables;
import io.weir.query.plan.BoundStatement;
import io.weir.query.plan.ParsedStatement;
import io.weir.query.plan.StatementCache;
import io.weir.query.plan.StatementParser;
import io.weir.query.plan.TableReference;
import io.weir.query.plan.TimeBounds;
import io.weir.query.snapshot.BoundTable;
import io.weir.query.snapshot.FileRef;
import io.weir.query.snapshot.Freshness;
import io.weir.query.snapshot.Reading;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableResolver;
import io.weir.query.snapshot.TableSize;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSession;
import io.weir.storage.duckdb.ResultReader;
import io.weir.storage.duckdb.SessionConnection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Runs queries: a session, the plan from the engine's own parser, the tables it names, their snapshots as views, and the
 * result as a stream. Thread-safe; never blocks. Cancelling the stream stops the engine.
 *
 * <pre>
 *   session ─ parse ─ fence ─ resolve + snapshot (hot, then catalog) ─ bind views ─ execute ─ encode ─ stream
 * </pre>
 */
public final class QueryRunner {

    private static final Logger LOG = LoggerFactory.getLogger(QueryRunner.class);
    private static final int RESOLVED_AT_ONCE = 8;
    private static final String DESCRIBED_VIEW = "__weir_described";

    private final DuckDbEngine engine;
    private final TableCatalog catalog;
    private final TableResolver tables;
    private final LastValueTables lastValues;
    private final StatementCache statements = new StatementCache();
    private final boolean pruning;
    private final QueryStages stages = new QueryStages();

    /**
     * A runner on that engine, over that catalog.
     *
     * @param pruning whether files that cannot hold what a statement asks for are left out
     */
    public QueryRunner(DuckDbEngine engine, TableCatalog catalog, TableResolver tables, boolean pruning) {
        this(engine, catalog, tables, LastValueTables.NONE, pruning);
    }

    /**
     * A runner that reads only the newest rows of each series where they are at hand and a statement asks for no others.
     *
     * @param pruning whether files that cannot hold what a statement asks for are left out
     */
    public QueryRunner(
            DuckDbEngine engine,
            TableCatalog catalog,
            TableResolver tables,
            LastValueTables lastValues,
            boolean pruning) {
        this.engine = engine;
        this.catalog = catalog;
        this.tables = tables;
        this.lastValues = lastValues;
        this.pruning = pruning;
    }

    /**
     * Runs one query and streams what {@code reader} makes of its result, at the subscriber's pace.
     *
     * @return fails with the codes of {@link io.weir.query.QueryError}, of the engine, or of name resolution
     */
    public <T> Flux<T> run(Query query, ResultReader<T> reader) {
        return run(query, reader, ReadObserver.NONE);
    }

    /** The same, while {@code observer} sees what it reads. */
    public <T> Flux<T> run(Query query, ResultReader<T> reader, ReadObserver observer) {
        return Flux.defer(() -> {
            long asked = System.nanoTime();
            return engine.withSession(query.timeout(), session -> {
                        stages.record(Stage.WAIT, asked);
                        return run(session, query, reader, observer);
                    })
                    // Planned anew, so that it holds neither a session nor a snapshot while it waits.
                    .onErrorResume(HeavyQueryException.class, turnedAway -> {
                        long askedAgain = System.nanoTime();
                        return engine.withHeavySession(query.timeout(), session -> {
                            stages.record(Stage.WAIT, askedAgain);
                            return run(session, query, reader, observer.again());
                        });
                    });
        });
    }

    /** How long the stages take. */
    public QueryStages stages() {
        return stages;
    }

    private <T> Flux<T> run(DuckDbSession session, Query query, ResultReader<T> reader, ReadObserver observer) {
        HotHold hold = new HotHold();
        session.onClose(hold::close); // the engine reads hot rows until its connection is closed
        return stages.timed(Stage.PARSE, session.run(connection -> {
                    ParsedStatement parsed = parse(connection, query.sql());
                    observer.parsed(parsed);
                    return parsed;
                }))
                .flatMapMany(parsed -> answer(session, query, parsed, hold, reader, observer));
    }

    /**
     * How much each measurement that a query names would give it to read, without running it.
     *
     * @return in order of database and name; empty for a statement that reads none. Fails like {@link #run}
     */
    public Mono<List<TableSize>> estimate(Query query) {
        return engine.withSession(
                        query.timeout(),
                        session -> session.run(connection -> parse(connection, query.sql()))
                                .flatMapMany(parsed -> sizes(session, query, parsed)))
                .collectList()
                .map(sizes -> sizes.stream()
                        .distinct()
                        .sorted(Comparator.comparing(size -> size.table().toString()))
                        .toList());
    }

    /**
     * The measurements that a {@code SELECT} names, as it names them, without running it or looking for them.
     *
     * @return fails with {@code sql-not-allowed} for any other statement, and for one with parameters; with {@code forbidden}
     *     when the caller may not read one of them; otherwise like {@link #run}
     */
    public Mono<Set<TableId>> tables(Query query) {
        return engine.withSession(
                        query.timeout(),
                        session -> session.run(connection -> parse(connection, query.sql()))
                                .flux())
                .next()
                .map(parsed -> {
                    if (!(parsed instanceof ParsedStatement.Select select)
                            || !select.explain().isEmpty()
                            || !select.parameters().isEmpty()) {
                        throw new WeirException(
                                QueryError.SQL_NOT_ALLOWED,
                                "the statement is no SELECT without parameters (expected: one, and nothing else)");
                    }
                    return named(query, select);
                });
    }

    private Flux<TableSize> sizes(DuckDbSession session, Query query, ParsedStatement parsed) {
        if (!(parsed instanceof ParsedStatement.Select select)) {
            return Flux.empty();
        }
        return bounds(session, query, select.times())
                .flatMapMany(bounds -> Flux.fromIterable(named(query, select))
                        .flatMap(
                                table -> tables.size(
                                        table.databaseId(),
                                        table.measurement(),
                                        reading(query, select, table, bounds, Set.of())),
                                RESOLVED_AT_ONCE));
    }

    private ParsedStatement parse(SessionConnection connection, String sql) throws SQLException {
        return statements.read(sql, text -> connection.text(StatementParser.TREE_SQL, text));
    }

    private <T> Flux<T> answer(
            DuckDbSession session,
            Query query,
            ParsedStatement parsed,
            HotHold hold,
            ResultReader<T> reader,
            ReadObserver observer) {
        if (parsed instanceof ParsedStatement.ShowDatabases) {
            Principal caller = query.caller();
            Flux<String> readable =
                    catalog.databases(caller.organisation()).filter(database -> caller.may(Permission.READ, database));
            return names(session, "database_name", readable, reader);
        }
        if (parsed instanceof ParsedStatement.ShowTables show) {
            DatabaseId database = query.readable(show.database().isEmpty() ? null : show.database());
            return tables.requireDatabase(database)
                    .thenMany(Flux.defer(() -> names(session, "name", catalog.measurements(database), reader)));
        }
        if (parsed instanceof ParsedStatement.Describe describe) {
            return resolve(query, describe.table(), new Reading(TimeRange.ALL, Freshness.COMMITTED, null), hold)
                    .flatMapMany(table -> session.run(connection ->
                                    bind(connection, DESCRIBED_VIEW, table, column -> true, TimeRange.ALL))
                            .thenMany(
                                    Flux.defer(() -> session.stream("DESCRIBE " + DESCRIBED_VIEW, List.of(), reader))));
        }
        return select(session, query, (ParsedStatement.Select) parsed, hold, reader, observer);
    }

    private <T> Flux<T> select(
            DuckDbSession session,
            Query query,
            ParsedStatement.Select statement,
            HotHold hold,
            ResultReader<T> reader,
            ReadObserver observer) {
        return bounds(session, query, statement.times())
                .doOnNext(bounds -> observer.reading())
                .flatMap(bounds -> stages.timed(
                        Stage.SNAPSHOT,
                        Flux.fromIterable(named(query, statement))
                                .flatMap(
                                        name -> resolve(query, statement, name, bounds, hold)
                                                .map(table -> Map.entry(name, table)),
                                        RESOLVED_AT_ONCE)
                                .collectMap(Map.Entry::getKey, Map.Entry::getValue)))
                .doOnNext(resolved -> observer.read(
                        resolved.values().stream().map(BoundTable::version).collect(Collectors.toUnmodifiableSet())))
                .flatMapMany(resolved -> execute(session, query, statement, resolved, reader));
    }

    /**
     * The measurements a statement names, each once however often it is named, so that one snapshot serves all its places.
     *
     * @throws io.weir.common.error.WeirException {@code forbidden} when the caller may not read one of them
     */
    private static Set<TableId> named(Query query, ParsedStatement.Select statement) {
        Set<TableId> named = new LinkedHashSet<>();
        statement.tables().forEach(reference -> named.add(named(query, reference)));
        return named;
    }

    private static TableId named(Query query, TableReference reference) {
        return query.readable(reference.database()).table(reference.name());
    }

    private Mono<BoundTable> resolve(
            Query query, ParsedStatement.Select statement, TableId name, List<@Nullable Long> bounds, HotHold hold) {
        DatabaseId database = name.databaseId();
        Reading reading = reading(query, statement, name, bounds, pruning ? statement.columns() : null);
        LastShape shape = lastValues == LastValueTables.NONE
                        || query.freshness() == Freshness.COMMITTED
                        || !query.window().equals(TimeRange.ALL)
                ? null
                : LastShape.of(statement.tree(), name.measurement());
        return shape == null
                ? tables.resolve(database, name.measurement(), reading, hold)
                : tables.resolve(
                        database, name.measurement(), reading, hold, table -> lastValues.read(table, shape, hold));
    }

    private Reading reading(
            Query query,
            ParsedStatement.Select statement,
            TableId name,
            List<@Nullable Long> bounds,
            @Nullable Set<String> columns) {
        return new Reading(
                statement.times().range(name.measurement(), bounds).and(query.window()),
                pruning ? statement.tags().filter(name.measurement(), query.parameters()) : TagFilter.ANY,
                query.freshness(),
                columns);
    }

    /** The bounds of the times a statement asks for, in UTC microseconds; none where they cannot be told. */
    private Mono<List<@Nullable Long>> bounds(DuckDbSession session, Query query, TimeBounds times) {
        if (!pruning || times.isEmpty()) {
            return Mono.just(List.of());
        }
        List<@Nullable Long> known = times.known(query.parameters());
        if (known != null) {
            return Mono.just(known);
        }
        return session.run(connection -> {
            try {
                TimeBounds.Question question = times.question();
                String sql = connection.text(TimeBounds.SQL_OF_TREE, question.tree());
                return connection.longs(sql, question.values(query.parameters()));
            } catch (SQLException e) {
                LOG.debug("the times of {} cannot be told; it reads every file", query.sql(), e);
                return List.of(); // what is wrong with them the statement itself will say
            }
        });
    }

    private <T> Flux<T> execute(
            DuckDbSession session,
            Query query,
            ParsedStatement.Select statement,
            Map<TableId, BoundTable> resolved,
            ResultReader<T> reader) {
        Map<TableReference, TableId> ids = new HashMap<>();
        Map<TableId, BoundTable> tables = new HashMap<>();
        for (TableReference reference : statement.tables()) {
            BoundTable table = Objects.requireNonNull(resolved.get(named(query, reference)));
            ids.put(reference, table.table());
            tables.putIfAbsent(table.table(), table); // names that differ in case only may mean one measurement
        }
        if (isRun(statement)
                && !session.admits(
                        tables.values().stream().mapToLong(QueryRunner::rows).sum())) {
            return Flux.error(new HeavyQueryException());
        }
        BoundStatement bound = BoundStatement.of(statement, ids, query.parameters());
        return stages.timed(Stage.BIND, session.run(connection -> prepare(connection, query, statement, bound, tables)))
                .thenMany(stages.toFirst(
                        Stage.EXECUTE,
                        Flux.defer(() -> session.stream(bound.executable(statement), bound.parameters(), reader))));
    }

    private static boolean isRun(ParsedStatement.Select statement) {
        String explain = statement.explain();
        return explain.isEmpty() || explain.toUpperCase(Locale.ROOT).contains("ANALYZE");
    }

    private static long rows(BoundTable table) {
        long rows = 0;
        for (FileRef file : table.files()) {
            rows += file.rows();
        }
        for (ColumnBatch batch : table.hotBatches()) {
            rows += batch.rows();
        }
        return rows;
    }

    private boolean prepare(
            SessionConnection connection,
            Query query,
            ParsedStatement.Select statement,
            BoundStatement bound,
            Map<TableId, BoundTable> tables)
            throws SQLException {
        bound.verify(statement, statements, text -> connection.text(StatementParser.TREE_SQL, text));
        for (Map.Entry<String, TableId> view : bound.views().entrySet()) {
            BoundTable table = tables.get(view.getValue());
            if (table != null) {
                bind(connection, view.getKey(), table, column -> !pruning || statement.uses(column), query.window());
            }
        }
        return true;
    }

    private static boolean bind(
            SessionConnection connection, String view, BoundTable table, Predicate<String> columns, TimeRange times)
            throws SQLException {
        connection.bind(view, table.schema(), columns, table.fileRows(), table.hotBatches(), times);
        return true;
    }

    private Mono<BoundTable> resolve(Query query, TableReference reference, Reading reading, HotHold hold) {
        return tables.resolve(query.readable(reference.database()), reference.name(), reading, hold);
    }

    private static <T> Flux<T> names(DuckDbSession session, String column, Flux<String> names, ResultReader<T> reader) {
        String sql = "SELECT unnest(?::JSON::VARCHAR[]) AS " + column;
        return names.collectList().flatMapMany(list -> session.stream(sql, List.of(JsonNames.of(list)), reader));
    }
}
