package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Retention policies, in every catalog. REQUIREMENTS L1. */
abstract class RetentionContract extends CatalogFixture {

    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
    private static final int AUDITED = 100;
    private static final int KEPT = 3;

    @BeforeEach
    void prepare() {
        prepareCpu();
        await(catalog().addColumns(MEM, List.of(HOST), false));
    }

    private RetentionPolicies policies() {
        return new R2dbcRetentionPolicies(connections().factory(), OPERATION, AUDITED);
    }

    private static RetentionRule rule(String name, String databases, String measurements) {
        return new RetentionRule(name, databases, measurements, Duration.ofDays(30), Duration.ofHours(1), true);
    }

    private static RetentionPolicy policy(String id, RetentionRule rule, @Nullable Instant due) {
        return new RetentionPolicy(id, "default", rule, START, 0, TaskState.firstDue(due));
    }

    private static AuditEntry entry(String act) {
        return new AuditEntry(0, START, "default", "somebody", "retention." + act, "a", "");
    }

    private RetentionPolicy added(String id, RetentionRule rule, @Nullable Instant due) {
        RetentionPolicy policy = policy(id, rule, due);
        await(policies().add(policy, entry("created")));
        return policy;
    }

    private List<String> due(Instant now) {
        return await(policies().due(now, 10)).stream().map(RetentionPolicy::id).toList();
    }

    @Test
    void aPolicyIsAsItWasAddedAndThenAsItWasChanged() {
        RetentionPolicy policy = added("a", rule("old", "iot", "*"), START);
        assertThat(await(policies().find("default", "a"))).isEqualTo(policy);
        assertThat(await(policies().find("acme", "a"))).isNull();
        RetentionRule other = new RetentionRule(
                "new", "i*", "cpu", Duration.ofHours(3), Duration.ofMinutes(5), Boundary.REWRITE, false);
        RetentionPolicy changed = await(policies().change("default", "a", other, null, entry("changed")));
        assertThat(changed)
                .isEqualTo(new RetentionPolicy("a", "default", other, START, 1, TaskState.firstDue(null)))
                .isEqualTo(await(policies().find("default", "a")));
        assertThat(await(policies().change("acme", "a", other, null, entry("changed"))))
                .isNull();
        assertThat(await(policies().remove("acme", "a", entry("removed")))).isFalse();
        assertThat(await(policies().remove("default", "a", entry("removed")))).isTrue();
        assertThat(await(policies().find("default", "a"))).isNull();
        R2dbcAccessCatalog access = new R2dbcAccessCatalog(connections().factory(), OPERATION, AUDITED);
        assertThat(await(access.audit("default", Long.MAX_VALUE, 10)))
                .extracting(AuditEntry::act)
                .containsExactly("retention.removed", "retention.changed", "retention.created");
    }

    @Test
    void aNameIsTakenOnceInAnOrganisation() {
        added("a", rule("one", "iot", "*"), START);
        added("b", rule("two", "iot", "*"), START);
        assertThatThrownBy(() -> added("c", rule("one", "iot", "*"), START))
                .isInstanceOf(WeirException.class)
                .hasMessageContaining("a retention policy named \"one\" exists already");
        assertThatThrownBy(() ->
                        await(policies().change("default", "b", rule("one", "iot", "*"), START, entry("changed"))))
                .hasMessageContaining("exists already");
        await(policies().change("default", "b", rule("two", "x", "*"), START, entry("changed")));
        assertThat(await(policies().list("default", "", 1)))
                .hasSize(1)
                .first()
                .extracting(RetentionPolicy::id)
                .isEqualTo("a");
        assertThat(await(policies().list("default", "a", 5)))
                .extracting(RetentionPolicy::id)
                .containsExactly("b");
    }

    @Test
    void whatIsDueComesInOrderAndWhatIsPausedNever() {
        added("later", rule("1", "iot", "*"), START.plusSeconds(2));
        added("paused", rule("2", "iot", "*"), null);
        RetentionPolicy now = added("now", rule("3", "iot", "*"), START);
        assertThat(due(START.minusSeconds(1))).isEmpty();
        assertThat(due(START)).containsExactly("now");
        assertThat(due(START.plusSeconds(2))).containsExactly("now", "later");
        await(policies().ran(now, new TaskState(START.plusSeconds(9), START, 2, "why"), null, KEPT));
        assertThat(due(START.plusSeconds(2))).containsExactly("later");
        assertThat(await(policies().find("default", "now")).state())
                .isEqualTo(new TaskState(START.plusSeconds(9), START, 2, "why"));
    }

    @Test
    void aRunOfAPolicyThatWasChangedMeanwhileDoesNotMoveIt() {
        RetentionPolicy seen = added("a", rule("1", "iot", "*"), START);
        await(policies().change("default", "a", rule("1", "iot", "m"), START.plusSeconds(1), entry("changed")));
        await(policies().ran(seen, TaskState.firstDue(START.plusSeconds(99)), null, KEPT));
        assertThat(await(policies().find("default", "a")).state().nextRun()).isEqualTo(START.plusSeconds(1));
    }

    @Test
    void theLatestRunsAreRemembered() {
        RetentionPolicy policy = added("a", rule("1", "iot", "*"), START);
        for (int n = 0; n < 6; n++) {
            RetentionRun run = new RetentionRun(
                    "run" + n,
                    "a",
                    START,
                    START.plusSeconds(n),
                    START.minusSeconds(5),
                    n,
                    10 * n,
                    100 * n,
                    2 * n,
                    3 * n,
                    "");
            await(policies().ran(policy, policy.state(), run, KEPT));
        }
        assertThat(await(policies().runs("a", 10)))
                .extracting(RetentionRun::files, RetentionRun::boundaryFiles, RetentionRun::boundaryRows)
                .containsExactly(tuple(5L, 10L, 15L), tuple(4L, 8L, 12L), tuple(3L, 6L, 9L));
        await(policies().remove("default", "a", entry("removed")));
        assertThat(await(policies().runs("a", 10))).isEmpty();
    }

    @Test
    void aPolicyThatRewritesIsOneFromTheStart() {
        RetentionRule rule =
                new RetentionRule("1", "iot", "*", Duration.ofDays(1), Duration.ofHours(1), Boundary.REWRITE, true);
        RetentionPolicy policy = added("a", rule, START);
        assertThat(await(policies().due(START, 10))).containsExactly(policy);
        assertThat(policy.covers(CPU)).isTrue();
        assertThat(policy.covers(new DatabaseId("acme", "iot").table("cpu"))).isFalse();
        assertThat(policy.covers(new DatabaseId("default", "other").table("cpu")))
                .isFalse();
    }

    private void commit(TableId table, String id, long... minAndMax) {
        List<DataFile> files = new ArrayList<>();
        for (int i = 0; i < minAndMax.length; i += 2) {
            files.add(new DataFile(table.measurement() + id + "-" + i, minAndMax[i], minAndMax[i + 1], 10, 100));
        }
        await(catalog().commit(new FlushCommit(table.measurement() + id, table, "wal", 1, 1, files)));
    }

    @Test
    void whatExpiredIsToldByFilesAndNothingElse() {
        Instant cutoff = Instant.EPOCH.plusMillis(1);
        long year = 365L * 86_400 * 1_000_000;
        commit(CPU, "a", -year, 5, 0, 999, 0, 1000, 1000, 2000, -2 * year, 1500);
        commit(MEM, "a", 0, 10);
        DatabaseId foreign = new DatabaseId("acme", "iot");
        await(catalog().createDatabase(foreign));
        await(catalog().addColumns(foreign.table("cpu"), List.of(HOST), false));
        commit(foreign.table("cpu"), "f", 0, 10);
        assertThat(await(policies().expired(policy("p", rule("p", "iot", "*"), null), cutoff)))
                .containsExactly(new ExpiredRows(CPU, 2, 20, 200, 2, 20), new ExpiredRows(MEM, 1, 10, 100, 0, 0));
        assertThat(await(policies().expired(policy("p", rule("p", "iot", "cpu"), null), cutoff)))
                .extracting(ExpiredRows::table)
                .containsExactly(CPU);
        assertThat(await(policies().expired(policy("p", rule("p", "i*", "m*m"), null), cutoff)))
                .extracting(ExpiredRows::table)
                .containsExactly(MEM);
        assertThat(await(policies().expired(policy("p", rule("p", "other", "*"), null), cutoff)))
                .isEmpty();
        assertThat(await(policies().expiredFiles(CPU, cutoff, 10)))
                .extracting(DataFile::objectKey)
                .containsExactly("cpua-0", "cpua-2");
        assertThat(await(policies().expiredFiles(CPU, cutoff, 1)))
                .extracting(DataFile::objectKey)
                .containsExactly("cpua-0");
    }
}
