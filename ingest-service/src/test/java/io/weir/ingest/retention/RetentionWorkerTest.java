package io.weir.ingest.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.hot.HotControl;
import io.weir.common.hot.HotRows;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.supervise.Turn;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.FileChange;
import io.weir.storage.catalog.FlushCommit;
import io.weir.storage.catalog.Leases;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.R2dbcDeletes;
import io.weir.storage.catalog.R2dbcLeases;
import io.weir.storage.catalog.R2dbcRetentionPolicies;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.catalog.RetentionPolicy;
import io.weir.storage.catalog.RetentionRule;
import io.weir.storage.catalog.RetentionRun;
import io.weir.storage.catalog.TaskState;
import io.weir.testing.CrashPoints;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What policies drop and when, by two servers, whatever fails. REQUIREMENTS L1; LESSONS 19, 21, 29, 47. */
class RetentionWorkerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TableId CPU = new DatabaseId("default", "iot").table("cpu");
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final RetentionSettings SETTINGS = new Binder(new MapConfigurationPropertySource(Map.of()))
            .bindOrCreate("weir.retention", RetentionSettings.class);

    @TempDir
    Path directory;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private CatalogConnections connections;
    private R2dbcCatalog catalog;
    private RetentionPolicies policies;
    private volatile Instant now = START;
    private int flushes;

    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };

    @BeforeEach
    void open() {
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), clock, PATIENCE);
        await(catalog.migrate());
        await(catalog.createDatabase(CPU.databaseId()));
        await(catalog.addColumns(CPU, List.of(new Column("v", ColumnType.FLOAT64)), false));
        policies = new R2dbcRetentionPolicies(connections.factory(), PATIENCE, 100);
    }

    @AfterEach
    void close() {
        await(connections.close());
    }

    private static <T> T await(Mono<T> mono) {
        return mono.block(PATIENCE);
    }

    private Leases leases() {
        return new R2dbcLeases(connections.factory(), PATIENCE);
    }

    private RetentionWorker worker() {
        return worker(catalog, policies, leases(), 20_000);
    }

    private RetentionWorker worker(Catalog of, RetentionPolicies from, Leases leases, int filesAtOnce) {
        ExpiredFiles files = new ExpiredFiles(of, from, filesAtOnce);
        PolicyRun run = run(from, files);
        return new RetentionWorker(from, leases, run, SETTINGS, clock);
    }

    /** Of policies that keep boundary files; {@link BoundaryFilesTest} has the others. */
    private PolicyRun run(RetentionPolicies from, ExpiredFiles files) {
        Deletes deletes = new R2dbcDeletes(connections.factory(), clock, PATIENCE, 100);
        BoundaryFiles none = new BoundaryFiles(
                catalog,
                from,
                deletes,
                (file, schema, predicate, deleted) -> Mono.error(new AssertionError("a file is read")),
                1);
        ExpiredHotRows cold = new ExpiredHotRows(List::of, HotRows.NONE, HotControl.NONE, Schedulers.immediate());
        return new PolicyRun(from, files, none, cold, new RetentionMetrics(registry), 5, clock, () -> 0);
    }

    private RetentionPolicy policy(String id, String measurements, Duration keep) {
        RetentionRule rule = new RetentionRule(id, "iot", measurements, keep, Duration.ofHours(1), true);
        RetentionPolicy policy = new RetentionPolicy(id, "default", rule, now, 0, TaskState.firstDue(now));
        await(policies.add(policy, new AuditEntry(0, now, "default", "t", "retention.created", id, "")));
        return policy;
    }

    private RetentionPolicy policy(String id) {
        return await(policies.find("default", id));
    }

    /** Commits a file whose rows are of that many hours before the start, from and to. */
    private String file(int fromHours, int toHours) {
        String id = "f" + flushes++;
        long hour = 3_600_000_000L;
        long start = START.getEpochSecond() * 1_000_000;
        DataFile file = new DataFile(id, start - fromHours * hour, start - toHours * hour, 10, 1_000);
        await(catalog.commit(new FlushCommit(id, CPU, "wal", flushes, flushes, List.of(file))));
        return id;
    }

    private List<String> files() {
        return await(catalog.snapshot(CPU, List.of())).files().stream()
                .map(DataFile::objectKey)
                .sorted()
                .toList();
    }

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    @Test
    void filesWhoseRowsAreAllTooOldGoAndNoOthers() {
        file(50, 49);
        String boundary = file(30, 20);
        String young = file(10, 9);
        policy("p", "*", Duration.ofHours(24));
        String version = await(catalog.version(CPU));
        assertThat(await(worker().turn())).isEqualTo(Turn.DONE);
        assertThat(files()).containsExactly(boundary, young);
        assertThat(await(catalog.version(CPU))).as("caches see it").isNotEqualTo(version);
        assertThat(await(catalog.upkeep().known(List.of("f0"))))
                .as("its object is condemned")
                .hasSize(1);
        assertThat(await(policies.runs("p", 9)))
                .extracting(RetentionRun::files, RetentionRun::rows, RetentionRun::bytes)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(1L, 10L, 1000L));
        assertThat(policy("p").state().nextRun()).isEqualTo(START.plus(Duration.ofHours(1)));
        assertThat(count("weir.retention.rows")).isEqualTo(10);
        assertThat(count("weir.retention.bytes")).isEqualTo(1_000);
        now = START.plus(Duration.ofHours(5));
        await(worker().turn());
        assertThat(files()).containsExactly(young);
        now = START.plus(Duration.ofHours(7));
        await(worker().turn());
        assertThat(count("weir.retention.runs", "outcome", "dropped")).isEqualTo(2);
        assertThat(count("weir.retention.runs", "outcome", "nothing")).isEqualTo(1);
        assertThat(await(policies.runs("p", 9)))
                .as("a run that dropped nothing is not remembered")
                .hasSize(2);
    }

    @Test
    void whatIsNotDueOrPausedOrOfOthersIsNotTouched() {
        file(50, 49);
        policy("p", "mem*", Duration.ofHours(24));
        await(worker().turn());
        assertThat(files()).hasSize(1);
        RetentionRule paused = new RetentionRule("p", "iot", "*", Duration.ofHours(24), Duration.ofHours(1), false);
        AuditEntry entry = new AuditEntry(0, now, "default", "t", "retention.changed", "p", "");
        await(policies.change("default", "p", paused, null, entry));
        now = START.plus(Duration.ofDays(1));
        await(worker().turn());
        assertThat(files()).hasSize(1);
        assertThat(await(worker().execute(policy("p")))).isEqualTo(new Dropped(1, 10, 1_000, 0, 0));
        assertThat(files()).isEmpty();
        assertThat(policy("p").state().nextRun()).isNull();
    }

    @Test
    void filesOfAMeasurementGoInOneTransaction() {
        for (int n = 0; n < 10; n++) {
            file(100 + n, 100);
        }
        policy("p", "*", Duration.ofHours(24));
        String before = await(catalog.version(CPU));
        await(worker().turn());
        assertThat(files()).isEmpty();
        assertThat(sequence(await(catalog.version(CPU)))).isEqualTo(sequence(before) + 1);
    }

    private static long sequence(String version) {
        return Long.parseLong(version.split("\\.", -1)[1]);
    }

    @Test
    void moreFilesThanOneTransactionTakesGoOldestFirst() {
        for (int n = 0; n < 7; n++) {
            file(100 + n, 99);
        }
        policy("p", "*", Duration.ofHours(24));
        await(worker(catalog, policies, leases(), 3).turn());
        assertThat(files()).isEmpty();
        assertThat(await(policies.runs("p", 1)).get(0).files()).isEqualTo(7);
    }

    @Test
    void oneServerRunsPoliciesAtATime() {
        file(50, 49);
        policy("p", "*", Duration.ofHours(24));
        var lease = await(leases().acquire(RetentionWorker.LEASE, "other", Duration.ofMinutes(1)));
        assertThat(await(worker().turn())).isEqualTo(Turn.SKIPPED);
        assertThatThrownBy(() -> await(worker().execute(policy("p")))).hasMessageContaining("are being run");
        assertThat(files()).hasSize(1);
        expireLeases();
        PolicyRun old = run(policies, new ExpiredFiles(catalog, policies));
        assertThatThrownBy(() -> await(old.due(policy("p"), lease))).hasMessageContaining("is not held any more");
        assertThat(files()).as("a server that lost its lease drops nothing").hasSize(1);
        await(worker().turn());
        assertThat(files()).isEmpty();
    }

    private void expireLeases() {
        await(DatabaseClient.create(connections.factory())
                .sql("UPDATE leases SET expires_micros = 0")
                .then());
    }

    @Test
    void filesThatCompactionMergedMeanwhileAreLookedForAgain() {
        String first = file(50, 49);
        policy("p", "*", Duration.ofHours(24));
        AtomicReference<DataFile> merged =
                new AtomicReference<>(new DataFile("merged", 0, START.getEpochSecond(), 10, 900));
        CrashPoints none = new CrashPoints();
        RetentionPolicies racing = (RetentionPolicies) java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {RetentionPolicies.class}, (proxy, method, arguments) -> {
                    Object result = method.invoke(policies, arguments);
                    DataFile other = method.getName().equals("expiredFiles") ? merged.getAndSet(null) : null;
                    return other == null
                            ? result
                            : ((Mono<?>) result)
                                    .delayUntil(read -> catalog.change(
                                            new FileChange("c", CPU, List.of(other), List.of(first), null)));
                });
        await(worker(catalog, none.of(RetentionPolicies.class, racing), leases(), 20_000)
                .turn());
        assertThat(files()).isEmpty();
        assertThat(await(policies.runs("p", 1)).get(0).files()).isEqualTo(1);
    }

    @Test
    void aFailureIsToldAndTriedAgainLater() {
        file(50, 49);
        policy("p", "*", Duration.ofHours(24));
        Catalog failing = (Catalog) java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Catalog.class},
                (proxy, method, arguments) -> Mono.error(new IllegalStateException("injected")));
        assertThatThrownBy(
                        () -> await(worker(failing, policies, leases(), 20_000).turn()))
                .hasMessageContaining("1 of 1 retention policies failed; first: injected");
        assertThat(policy("p").state()).isEqualTo(new TaskState(START.plusSeconds(60), START, 1, "injected"));
        assertThat(await(policies.runs("p", 1)).get(0).failure()).isEqualTo("injected");
        assertThat(count("weir.retention.runs", "outcome", "failed")).isEqualTo(1);
        now = START.plusSeconds(59);
        await(worker().turn());
        assertThat(files()).hasSize(1);
        now = START.plusSeconds(60);
        await(worker().turn());
        assertThat(files()).isEmpty();
        assertThat(policy("p").state().failures()).isZero();
    }

    @Test
    void whateverStepItIsKilledAtAMeasurementHasAllOfItsOldFilesOrNone() {
        long seed = Long.getLong("weir.retention.seed", System.nanoTime());
        System.out.println("RetentionWorkerTest seed " + seed);
        Random random = new Random(seed);
        policy("p", "*", Duration.ofHours(24));
        int killed = 0;
        for (int cycle = 0; cycle < 60; cycle++) {
            List<String> old = new ArrayList<>();
            for (int n = random.nextInt(4); n >= 0; n--) {
                old.add(file(1_000, 900));
            }
            List<String> before = files();
            now = now.plus(Duration.ofHours(2));
            CrashPoints crash = new CrashPoints(random.nextInt(10), random.nextBoolean());
            worker(
                            crash.of(Catalog.class, catalog),
                            crash.of(RetentionPolicies.class, policies),
                            crash.of(Leases.class, leases()),
                            20_000)
                    .turn()
                    .onErrorComplete()
                    .block(PATIENCE);
            killed += crash.isDead() ? 1 : 0;
            assertThat(files()).as("seed %d", seed).isIn(before, List.of());
            expireLeases();
        }
        assertThat(killed).isGreaterThan(20);
        now = now.plus(Duration.ofHours(2));
        await(worker().turn());
        assertThat(files()).as("seed %d", seed).isEmpty();
    }
}
