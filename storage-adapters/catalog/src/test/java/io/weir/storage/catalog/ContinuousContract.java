package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import io.weir.common.model.TableId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Continuous queries and their windows, in every catalog. REQUIREMENTS L2; LESSONS 19, 29. */
abstract class ContinuousContract extends CatalogFixture {

    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
    private static final TableId ROLLUP = IOT.table("rollup");
    private static final long MINUTE = 60_000_000L;
    private static final Duration LEASE_TIME = Duration.ofMinutes(5);

    private Lease lease;

    @BeforeEach
    void prepare() {
        prepareCpu();
        await(catalog().addColumns(ROLLUP, List.of(HOST, LOAD), false));
        lease = await(leases().acquire("q", "tester", LEASE_TIME));
    }

    private ContinuousQueries queries() {
        return new R2dbcContinuousQueries(connections().factory(), clock(), OPERATION, 100);
    }

    private static ContinuousDefinition definition(String name, Duration lateness) {
        return new ContinuousDefinition(
                name,
                "iot",
                "SELECT avg(load) FROM cpu",
                ROLLUP,
                Duration.ofMinutes(1),
                Duration.ofSeconds(7),
                lateness,
                true,
                "somebody",
                List.of("iot", "other"));
    }

    private static AuditEntry entry(String act) {
        return new AuditEntry(0, START, "default", "somebody", "continuous_query." + act, "q", "");
    }

    private ContinuousQuery added(String id, ContinuousDefinition definition, @Nullable Instant due) {
        ContinuousQuery query =
                new ContinuousQuery(id, "default", definition, START, 0, 10 * MINUTE, TaskState.firstDue(due));
        await(queries().add(query, entry("created")));
        return query;
    }

    private ContinuousQuery now(ContinuousQuery query) {
        return await(queries().find("default", query.id()));
    }

    private WindowCommit window(ContinuousQuery query, String id, long start, List<String> replaced, String... keys) {
        List<DataFile> files = java.util.Arrays.stream(keys)
                .map(key -> new DataFile(key, start, start + 5, 3, 100))
                .toList();
        return new WindowCommit(id, query, start, "digest of " + id, files, replaced, lease);
    }

    private List<String> keys() {
        return await(catalog().snapshot(ROLLUP, List.of())).files().stream()
                .map(DataFile::objectKey)
                .sorted()
                .toList();
    }

    @Test
    void aQueryIsAsItWasAddedAndThenAsItWasChanged() {
        ContinuousQuery query = added("q", definition("one", Duration.ZERO), START);
        assertThat(now(query)).isEqualTo(query);
        assertThat(await(queries().find("acme", "q"))).isNull();
        ContinuousDefinition other = new ContinuousDefinition(
                "two",
                "other",
                "SELECT 1",
                ROLLUP,
                Duration.ofMinutes(1),
                Duration.ZERO,
                Duration.ofHours(1),
                false,
                "else",
                List.of());
        ContinuousQuery changed = await(queries().change("default", "q", other, null, entry("changed")));
        assertThat(changed)
                .isEqualTo(new ContinuousQuery("q", "default", other, START, 1, 10 * MINUTE, TaskState.firstDue(null)))
                .isEqualTo(now(query));
        assertThatThrownBy(() -> added("r", definition("two", Duration.ZERO), START))
                .hasMessageContaining("a continuous query named \"two\" exists already");
        assertThat(await(queries().list("default", "", 5))).containsExactly(changed);
        assertThat(await(queries().remove("acme", "q", entry("removed")))).isFalse();
        assertThat(await(queries().remove("default", "q", entry("removed")))).isTrue();
        assertThat(await(queries().list("default", "", 5))).isEmpty();
    }

    @Test
    void whatIsDueComesInOrderAndWhatIsPausedNever() {
        added("b", definition("b", Duration.ZERO), START.plusSeconds(1));
        added("a", definition("a", Duration.ZERO), START);
        added("c", definition("c", Duration.ZERO), null);
        assertThat(await(queries().due(START.minusSeconds(1), 5))).isEmpty();
        assertThat(await(queries().due(START.plusSeconds(1), 5)))
                .extracting(ContinuousQuery::id)
                .containsExactly("a", "b");
        assertThat(await(queries().due(START.plusSeconds(1), 1))).hasSize(1);
    }

    @Test
    void aWindowItsFilesAndTheWatermarkAreOneChange() {
        ContinuousQuery query = added("q", definition("q", Duration.ofMinutes(5)), START);
        String version = await(catalog().version(ROLLUP));
        await(queries().commit(window(query, "w1", 10 * MINUTE, List.of(), "f1")));
        assertThat(keys()).containsExactly("f1");
        assertThat(now(query).watermarkMicros()).isEqualTo(11 * MINUTE);
        assertThat(await(queries().openWindows("q")))
                .containsExactly(new OpenWindow(10 * MINUTE, "digest of w1", List.of("f1")));
        assertThat(await(catalog().version(ROLLUP))).isNotEqualTo(version);
    }

    @Test
    void aWindowIsCommittedOnceHoweverOftenItIsRepeated() {
        ContinuousQuery query = added("q", definition("q", Duration.ofMinutes(5)), START);
        WindowCommit first = window(query, "w1", 10 * MINUTE, List.of(), "f1");
        await(queries().commit(first));
        await(queries().commit(first));
        assertThat(now(query).watermarkMicros()).isEqualTo(11 * MINUTE);
        // Another server that computed the same window comes too late.
        assertThatThrownBy(() -> await(queries().commit(window(query, "w2", 10 * MINUTE, List.of(), "f2"))))
                .isInstanceOf(WeirException.class)
                .extracting(failure -> ((WeirException) failure).code())
                .isEqualTo(CatalogError.TASK_CHANGED);
        assertThat(keys()).containsExactly("f1");
    }

    @Test
    void aWindowIsReplacedByItsNextVersion() {
        ContinuousQuery query = added("q", definition("q", Duration.ofMinutes(5)), START);
        await(queries().commit(window(query, "w1", 10 * MINUTE, List.of(), "f1")));
        ContinuousQuery later = now(query);
        await(queries().commit(window(later, "w2", 10 * MINUTE, List.of("f1"), "f2", "f3")));
        assertThat(keys()).containsExactly("f2", "f3");
        assertThat(now(query).watermarkMicros()).isEqualTo(11 * MINUTE);
        await(queries().commit(window(later, "w3", 10 * MINUTE, List.of("f2", "f3"))));
        assertThat(keys()).isEmpty();
        assertThat(await(queries().openWindows("q")))
                .containsExactly(new OpenWindow(10 * MINUTE, "digest of w3", List.of()));
        assertThat(await(upkeep().known(List.of("f1", "f2", "f3")))).hasSize(3); // condemned, not forgotten
    }

    @Test
    void whatIsNotThereAnyMoreIsNotReplaced() {
        ContinuousQuery query = added("q", definition("q", Duration.ofMinutes(5)), START);
        await(queries().commit(window(query, "w1", 10 * MINUTE, List.of(), "f1")));
        await(catalog().change(new FileChange("deleted", ROLLUP, List.of(), List.of("f1"), null)));
        assertThatThrownBy(() -> await(queries().commit(window(now(query), "w2", 10 * MINUTE, List.of("f1"), "f2"))))
                .extracting(failure -> ((WeirException) failure).code())
                .isEqualTo(CatalogError.COMMIT_CONFLICT);
        assertThat(keys()).isEmpty();
        await(queries().settle("q", 10 * MINUTE));
        assertThat(await(queries().openWindows("q"))).isEmpty();
    }

    @Test
    void nothingIsCommittedWithoutTheLeaseOrForAnotherDefinition() {
        ContinuousQuery query = added("q", definition("q", Duration.ZERO), START);
        WindowCommit stale = window(query, "w1", 10 * MINUTE, List.of(), "f1");
        await(leases().release(lease));
        assertThatThrownBy(() -> await(queries().commit(stale)))
                .extracting(failure -> ((WeirException) failure).code())
                .isEqualTo(CatalogError.LEASE_LOST);
        lease = await(leases().acquire("q", "tester", LEASE_TIME));
        await(queries().change("default", "q", definition("q", Duration.ZERO), START, entry("changed")));
        assertThatThrownBy(() -> await(queries().commit(window(query, "w2", 10 * MINUTE, List.of(), "f1"))))
                .extracting(failure -> ((WeirException) failure).code())
                .isEqualTo(CatalogError.TASK_CHANGED);
        assertThat(keys()).isEmpty();
        assertThat(now(query).watermarkMicros()).isEqualTo(10 * MINUTE);
    }

    @Test
    void compactionGetsFilesOfWindowsThatAreSettledAndNoOthers() {
        ContinuousQuery query = added("q", definition("q", Duration.ofMinutes(1)), START);
        await(queries().commit(window(query, "w1", 10 * MINUTE, List.of(), "f1")));
        assertThat(await(catalogQueue().size())).isZero();
        ContinuousQuery second = now(query);
        await(queries().commit(window(second, "w2", 11 * MINUTE, List.of(), "f2")));
        assertThat(await(queries().openWindows("q")))
                .extracting(OpenWindow::startMicros)
                .containsExactly(11 * MINUTE);
        assertThat(await(catalogQueue().queued(5)))
                .extracting(QueuedPartition::partition)
                .containsExactly(new Partition(ROLLUP, PartitionTier.HOUR, 0));
        assertThat(await(catalogQueue().keptOut(ROLLUP)))
                .as("though its hour is queued")
                .containsExactly("f2");
        assertThat(await(catalogQueue().keptOut(CPU))).isEmpty();
        await(queries().remove("default", "q", entry("removed")));
        assertThat(await(queries().openWindows("q"))).isEmpty();
        assertThat(await(catalogQueue().keptOut(ROLLUP))).isEmpty();
        assertThat(await(catalogQueue().queued(5)).get(0).changes()).isEqualTo(2);
    }

    private CompactionQueue catalogQueue() {
        return new R2dbcCatalog(connections().factory(), clock(), OPERATION).compaction();
    }

    @Test
    void theLatestRunsAreRemembered() {
        ContinuousQuery query = added("q", definition("q", Duration.ZERO), START);
        TaskState state = new TaskState(START.plusSeconds(3), START, 0, "");
        for (int n = 0; n < 5; n++) {
            await(queries()
                    .ran(
                            query,
                            state,
                            new ContinuousRun("r" + n, "q", START, START.plusSeconds(n), START, START, n, 0, 0, ""),
                            2));
        }
        assertThat(await(queries().runs("q", 9)))
                .extracting(ContinuousRun::windows)
                .containsExactly(4L, 3L);
        assertThat(now(query).state()).isEqualTo(state);
    }
}
