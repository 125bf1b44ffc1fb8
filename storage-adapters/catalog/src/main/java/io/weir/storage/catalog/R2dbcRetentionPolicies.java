package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import io.weir.common.model.TableId;
import io.weir.common.model.Wildcards;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** Policies in the catalog's database, whose tables {@link Catalog#migrate} makes. Does not own the connection factory. */
public final class R2dbcRetentionPolicies implements RetentionPolicies {

    private static final String COLUMNS =
            "id, organisation, name, databases, measurements, keep_micros, interval_micros,"
                    + " enabled, created_micros, revision, boundary, " + TaskTable.STATE;

    private static final String SELECT = "SELECT " + COLUMNS + " FROM retention_policies";

    /** Found by the index {@code retention_policies_by_next_run}. */
    static final String DUE = SELECT + " WHERE next_run_micros <= :now ORDER BY next_run_micros LIMIT :most";

    /** Every class of span is named, so that the index {@code files_by_span} finds a measurement's oldest files. */
    private static final String BEGIN_BEFORE = " f.span_class IN ("
            + Arrays.stream(FileSpan.values())
                    .map(span -> Integer.toString(span.code()))
                    .collect(Collectors.joining(", "))
            + ") AND f.min_micros < :cutoff";

    private static final String OLD = "CASE WHEN f.max_micros < :cutoff THEN ";

    static final String EXPIRED = "SELECT d.organisation, d.name, m.name, "
            + sum(OLD + "1 ELSE 0 END") + ", " + sum(OLD + "f.row_count ELSE 0 END") + ", "
            + sum(OLD + "f.size_bytes ELSE 0 END") + ", " + sum(OLD + "0 ELSE 1 END") + ", "
            + sum(OLD + "0 ELSE f.row_count END") + " FROM databases d JOIN measurements m ON m.database_id = d.id"
            + " JOIN files f ON f.measurement_id = m.id WHERE d.organisation = :organisation AND" + BEGIN_BEFORE;

    private static final String EXPIRED_FILES = "SELECT f.object_key, f.min_micros, f.max_micros, f.row_count,"
            + " f.size_bytes FROM files f JOIN measurements m ON m.id = f.measurement_id JOIN databases d ON"
            + " d.id = m.database_id WHERE d.organisation = :organisation AND d.name = :database AND m.name = :measurement"
            + " AND" + BEGIN_BEFORE + " AND f.max_micros < :cutoff ORDER BY f.min_micros, f.object_key LIMIT :most";

    private final DatabaseClient client;
    private final Transactions transactions;
    private final AuditedChanges changes;
    private final TaskTable tasks;

    /**
     * Policies in that database.
     *
     * @param connections pooled connections; closed by whoever made them
     * @param timeout longest an operation may take, retries included
     * @param auditEntries acts that the audit log keeps
     */
    public R2dbcRetentionPolicies(ConnectionFactory connections, Duration timeout, int auditEntries) {
        this.client = DatabaseClient.create(connections);
        this.transactions = new Transactions(connections, timeout);
        this.changes = new AuditedChanges(client, transactions, auditEntries);
        this.tasks = new TaskTable(client, "retention_policies", "retention_runs", "policy_id", "retention policy");
    }

    private static String sum(String of) {
        return "CAST(COALESCE(SUM(" + of + "), 0) AS BIGINT)";
    }

    private static RetentionPolicy policy(Readable row) {
        return new RetentionPolicy(
                Rows.text(row, 0),
                Rows.text(row, 1),
                new RetentionRule(
                        Rows.text(row, 2),
                        Rows.text(row, 3),
                        Rows.text(row, 4),
                        Rows.duration(row, 5),
                        Rows.duration(row, 6),
                        Boundary.ofCode(Rows.number(row, 10)),
                        Rows.number(row, 7) != 0),
                TokenTable.instant(Rows.number(row, 8)),
                Rows.number(row, 9),
                TaskTable.state(row, 11));
    }

    @Override
    public Mono<Void> add(RetentionPolicy policy, AuditEntry entry) {
        RetentionRule rule = policy.rule();
        BulkInsert row = new BulkInsert("retention_policies", COLUMNS.split(", "));
        row.row(
                policy.id(),
                policy.organisation(),
                rule.name(),
                rule.databases(),
                rule.measurements(),
                Rows.micros(rule.keep()),
                Rows.micros(rule.interval()),
                rule.enabled() ? 1 : 0,
                TokenTable.micros(policy.created()),
                policy.revision(),
                rule.boundary().code(),
                TaskTable.micros(policy.state().nextRun()),
                TokenTable.micros(policy.state().lastRun()),
                policy.state().failures(),
                policy.state().lastFailure());
        Mono<Boolean> added = tasks.requireRoom(policy.organisation(), policy.id(), rule.name(), MOST)
                .then(Mono.defer(() -> row.run(client)))
                .thenReturn(true);
        return changes.make("add a retention policy", entry, added).then();
    }

    private Mono<RetentionPolicy> findNow(String organisation, String id) {
        return client.sql(SELECT + " WHERE organisation = :organisation AND id = :id")
                .bind("organisation", organisation)
                .bind("id", id)
                .map(R2dbcRetentionPolicies::policy)
                .one();
    }

    @Override
    public Mono<RetentionPolicy> find(String organisation, String id) {
        return transactions.read("read a retention policy", findNow(organisation, id));
    }

    @Override
    public Mono<List<RetentionPolicy>> list(String organisation, String after, int atMost) {
        return transactions.read(
                "list retention policies",
                client.sql(SELECT + " WHERE organisation = :organisation AND id > :after ORDER BY id LIMIT :most")
                        .bind("organisation", organisation)
                        .bind("after", after)
                        .bind("most", atMost)
                        .map(R2dbcRetentionPolicies::policy)
                        .all()
                        .collectList());
    }

    @Override
    public Mono<RetentionPolicy> change(
            String organisation, String id, RetentionRule rule, @Nullable Instant nextRun, AuditEntry entry) {
        Mono<Void> update = client.sql("UPDATE retention_policies SET name = :name, databases = :databases,"
                        + " measurements = :measurements, keep_micros = :keep, interval_micros = :interval,"
                        + " boundary = :boundary, enabled = :enabled, revision = revision + 1, next_run_micros = :next, failures = 0,"
                        + " last_failure = '' WHERE organisation = :organisation AND id = :id")
                .bind("name", rule.name())
                .bind("databases", rule.databases())
                .bind("measurements", rule.measurements())
                .bind("keep", Rows.micros(rule.keep()))
                .bind("interval", Rows.micros(rule.interval()))
                .bind("boundary", rule.boundary().code())
                .bind("enabled", rule.enabled() ? 1 : 0)
                .bind("next", TaskTable.micros(nextRun))
                .bind("organisation", organisation)
                .bind("id", id)
                .then();
        Mono<RetentionPolicy> changed = findNow(organisation, id)
                .flatMap(there -> tasks.requireRoom(organisation, id, rule.name(), Integer.MAX_VALUE)
                        .then(update)
                        .then(Mono.defer(() -> findNow(organisation, id))));
        return changes.make("change a retention policy", entry, changed);
    }

    @Override
    public Mono<Boolean> remove(String organisation, String id, AuditEntry entry) {
        return changes.make(
                        "remove a retention policy",
                        entry,
                        tasks.remove(organisation, id).filter(there -> there))
                .hasElement();
    }

    @Override
    public Mono<List<RetentionPolicy>> due(Instant now, int atMost) {
        return transactions.read(
                "read which retention policies are due",
                client.sql(DUE)
                        .bind("now", TokenTable.micros(now))
                        .bind("most", atMost)
                        .map(R2dbcRetentionPolicies::policy)
                        .all()
                        .collectList());
    }

    @Override
    public Mono<Void> ran(RetentionPolicy policy, TaskState state, @Nullable RetentionRun run, int kept) {
        Mono<Void> remembered = run == null ? Mono.empty() : insert(run).then(tasks.forgetRuns(policy.id(), kept));
        return transactions.write(
                "record a run of a retention policy",
                tasks.stand(policy.id(), policy.revision(), state).then(remembered));
    }

    private Mono<Void> insert(RetentionRun run) {
        BulkInsert row = new BulkInsert(
                        "retention_runs",
                        "run_id",
                        "policy_id",
                        "began_micros",
                        "ended_micros",
                        "cutoff_micros",
                        "files",
                        "row_count",
                        "size_bytes",
                        "boundary_files",
                        "boundary_rows",
                        "failure")
                .onConflict("(run_id) DO NOTHING");
        row.row(
                run.id(),
                run.policyId(),
                TokenTable.micros(run.began()),
                TokenTable.micros(run.ended()),
                TokenTable.micros(run.cutoff()),
                run.files(),
                run.rows(),
                run.bytes(),
                run.boundaryFiles(),
                run.boundaryRows(),
                run.failure());
        return row.run(client);
    }

    @Override
    public Mono<List<RetentionRun>> runs(String policyId, int atMost) {
        return transactions.read(
                "read runs of a retention policy",
                client.sql("SELECT run_id, policy_id, began_micros, ended_micros, cutoff_micros, files, row_count,"
                                + " size_bytes, boundary_files, boundary_rows, failure FROM retention_runs WHERE policy_id = :id"
                                + " ORDER BY ended_micros DESC, run_id LIMIT :most")
                        .bind("id", policyId)
                        .bind("most", atMost)
                        .map(row -> new RetentionRun(
                                Rows.text(row, 0),
                                Rows.text(row, 1),
                                TokenTable.instant(Rows.number(row, 2)),
                                TokenTable.instant(Rows.number(row, 3)),
                                TokenTable.instant(Rows.number(row, 4)),
                                Rows.number(row, 5),
                                Rows.number(row, 6),
                                Rows.number(row, 7),
                                Rows.number(row, 8),
                                Rows.number(row, 9),
                                Rows.text(row, 10)))
                        .all()
                        .collectList());
    }

    @Override
    public Mono<List<ExpiredRows>> expired(RetentionPolicy policy, Instant cutoff) {
        String databases = policy.rule().databases();
        String measurements = policy.rule().measurements();
        boolean oneDatabase = !Wildcards.isPattern(databases);
        boolean oneMeasurement = !Wildcards.isPattern(measurements);
        DatabaseClient.GenericExecuteSpec search = client.sql(EXPIRED
                        + (oneDatabase ? " AND d.name = :database" : "")
                        + (oneMeasurement ? " AND m.name = :measurement" : "")
                        + " GROUP BY d.organisation, d.name, m.name ORDER BY d.name, m.name")
                .bind("organisation", policy.organisation())
                .bind("cutoff", TokenTable.micros(cutoff));
        search = oneDatabase ? search.bind("database", databases) : search;
        search = oneMeasurement ? search.bind("measurement", measurements) : search;
        return transactions.read(
                "look for rows that expired",
                search.map(R2dbcRetentionPolicies::expired)
                        .all()
                        .filter(found -> policy.covers(found.table()))
                        .collectList());
    }

    private static ExpiredRows expired(Readable row) {
        return new ExpiredRows(
                new TableId(Rows.text(row, 0), Rows.text(row, 1), Rows.text(row, 2)),
                Rows.number(row, 3),
                Rows.number(row, 4),
                Rows.number(row, 5),
                Rows.number(row, 6),
                Rows.number(row, 7));
    }

    @Override
    public Mono<List<DataFile>> expiredFiles(TableId table, Instant cutoff, int atMost) {
        return transactions.read(
                "look for files that expired",
                client.sql(EXPIRED_FILES)
                        .bind("organisation", table.organisation())
                        .bind("database", table.database())
                        .bind("measurement", table.measurement())
                        .bind("cutoff", TokenTable.micros(cutoff))
                        .bind("most", atMost)
                        .map(row -> new DataFile(
                                Rows.text(row, 0),
                                Rows.number(row, 1),
                                Rows.number(row, 2),
                                Rows.number(row, 3),
                                Rows.number(row, 4)))
                        .all()
                        .collectList());
    }
}
