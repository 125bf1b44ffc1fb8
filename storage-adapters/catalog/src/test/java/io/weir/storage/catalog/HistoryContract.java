package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every catalog tells of the past to what is worked out from files and kept; each database's test extends it. */
abstract class HistoryContract extends CatalogFixture {

    private Instant now = Instant.ofEpochSecond(1_700_000_000);

    @Override
    final Clock clock() {
        return new Clock() {
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
    }

    @BeforeEach
    void commitOneFlush() {
        prepareCpu();
        await(catalog().commit(flush("f", 1, 9, 2)));
    }

    private TableProgress since(long sequence, String... flushIds) {
        return await(history().since(CPU, sequence, List.of(flushIds)));
    }

    private static TableProgress.Commit commit(String id, long sequence, boolean flush) {
        return new TableProgress.Commit(id, sequence, flush);
    }

    @Test
    void theBeginningTellsWhereItStandsAndNoCommits() {
        TableProgress progress = since(-1, "f", "g");
        assertThat(progress.schema().columns()).containsExactly(HOST);
        assertThat(progress.sequence()).isEqualTo(1);
        assertThat(progress.commits()).isEmpty();
        assertThat(progress.committedFlushIds()).isEqualTo(Set.of("f"));
        assertThat(since(1).commits()).isEmpty();
        assertThat(await(history().since(MEM, -1, List.of()))).isNull();
    }

    @Test
    void flushesOfOneTransactionHaveOneSequence() {
        await(catalog().addColumns(MEM, List.of(HOST), false));
        FlushCommit other = new FlushCommit("m", MEM, "wal-a", 20, 29, List.of());
        await(catalog().commit(List.of(flush("g", 10, 19, 1), other, flush("h", 30, 39, 1))));
        await(catalog().commit(flush("i", 40, 49, 1)));
        TableProgress progress = since(1);
        assertThat(progress.sequence()).isEqualTo(3);
        assertThat(progress.commits())
                .containsExactlyInAnyOrder(commit("g", 2, true), commit("h", 2, true), commit("i", 3, true));
        assertThat(progress.rows()).as("nobody needs to count").isNegative();
        assertThat(since(2).commits()).containsExactly(commit("i", 3, true));
    }

    @Test
    void rowsAreCountedBesideChangesAndOldFlushes() {
        await(catalog()
                .change(new FileChange(
                        "c", CPU, List.of(new DataFile("c-0", 0, 9, 150, 1)), List.of("f-0", "f-1"), null)));
        TableProgress changed = since(1);
        assertThat(changed.commits()).containsExactly(commit("c", 2, false));
        assertThat(changed.rows()).isEqualTo(150);
        await(catalog().commit(flush("g", 10, 19, 1)));
        assertThat(since(2).rows()).isNegative();
        now = now.plus(Duration.ofMinutes(31));
        assertThat(since(2).rows())
                .as("others of its transaction may be forgotten")
                .isEqualTo(250);
        await(catalog().forgetFlushes("wal-a", 1_000, now));
        assertThat(since(2).sequence()).isEqualTo(3);
        assertThat(since(2).commits()).isEmpty();
    }

    @Test
    void filesAreFoundByWhatAddedThemWhileTheyAreThere() {
        await(catalog().commit(List.of(flush("g", 10, 19, 2), flush("h", 20, 29, 1))));
        await(catalog()
                .change(new FileChange(
                        "c", CPU, List.of(new DataFile("c-0", 0, 9, 200, 1)), List.of("g-0", "f-0"), null)));
        assertThat(added("g", "h", "x")).containsExactlyInAnyOrder("g-1", "h-0");
        assertThat(added("c")).containsExactly("c-0");
        assertThat(added()).isEmpty();
        assertThat(await(history().added(MEM, List.of("g")))).isNull();
    }

    private List<String> added(String... ids) {
        return await(history().added(CPU, List.of(ids))).stream()
                .map(DataFile::objectKey)
                .toList();
    }
}
