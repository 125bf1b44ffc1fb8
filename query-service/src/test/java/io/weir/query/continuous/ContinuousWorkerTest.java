package io.weir.query.continuous;

import static io.weir.query.continuous.ContinuousFixture.BY_HOST;
import static io.weir.query.continuous.ContinuousFixture.ROLLUP;
import static io.weir.query.continuous.ContinuousFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.supervise.Turn;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.ContinuousDefinition;
import io.weir.storage.catalog.ContinuousQuery;
import io.weir.storage.catalog.ContinuousRun;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.FileChange;
import io.weir.testing.CrashPoints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** When windows are computed, what becomes of late rows, of failures, of two servers. REQUIREMENTS L2; LESSONS 29, 47. */
class ContinuousWorkerTest {

    private static final Duration LAG = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private ContinuousFixture fixture;

    @BeforeEach
    void open() throws Exception {
        fixture = new ContinuousFixture(directory);
    }

    @AfterEach
    void close() throws Exception {
        try (var left = Files.list(fixture.work)) {
            assertThat(left).as("files in the work directory").isEmpty();
        }
        fixture.close();
    }

    private Turn turnAt(long seconds) {
        fixture.at(seconds);
        return await(fixture.worker().turn());
    }

    private double count(String name, String... tags) {
        return fixture.registry.get(name).tags(tags).counter().count();
    }

    @Test
    void aWindowIsComputedOnceItHasEndedAndTheLagIsOver() {
        fixture.add(BY_HOST, LAG, Duration.ZERO);
        fixture.sources.write(fixture.cpu, 0, 100);
        turnAt(69);
        assertThat(fixture.byHost()).isEmpty();
        assertThat(turnAt(70)).isEqualTo(Turn.DONE);
        assertThat(fixture.byHost()).containsExactly("0 a 30 870", "0 b 30 900");
        assertThat(fixture.query().watermarkMicros()).isEqualTo(60_000_000);
        assertThat(fixture.query().state().nextRun()).isEqualTo(Instant.ofEpochSecond(130));
        turnAt(71);
        turnAt(130);
        assertThat(fixture.byHost()).containsExactly("0 a 30 870", "0 b 30 900", "60 a 20 1580", "60 b 20 1600");
        assertThat(count("weir.continuous.queries.windows", "outcome", "computed"))
                .isEqualTo(2);
        assertThat(count("weir.continuous.queries.rows")).isEqualTo(4);
        assertThat(await(fixture.queries().runs("q", 9)))
                .extracting(ContinuousRun::windows, ContinuousRun::rows)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1L, 2L), org.assertj.core.groups.Tuple.tuple(1L, 2L));
    }

    @Test
    void aStatementThatNamesTheEndsOfItsWindowReadsWhatItSays() {
        fixture.add(
                "SELECT time_bucket(INTERVAL '30 seconds', time) AS time, count(*) AS c FROM cpu"
                        + " WHERE time >= {start_time} AND time < '{end_time}' GROUP BY 1",
                Duration.ZERO,
                Duration.ZERO);
        fixture.sources.write(fixture.cpu, 0, 100);
        turnAt(120);
        assertThat(fixture.rows(ROLLUP, "epoch(time)::BIGINT AS t, c"))
                .containsExactly("0 30", "30 30", "60 30", "90 10");
    }

    @Test
    void everyPlaceOfAPlainStatementSeesTheWindowOnly() {
        fixture.add(
                "WITH x AS (SELECT n FROM cpu) SELECT (SELECT count(*) FROM cpu) AS a, (SELECT max(n) FROM x) AS b,"
                        + " (SELECT count(*) FROM cpu c JOIN cpu d ON c.n = d.n + 59) AS c",
                Duration.ZERO,
                Duration.ZERO);
        fixture.sources.write(fixture.cpu, 0, 50);
        fixture.sources.flush(fixture.cpu);
        fixture.sources.write(fixture.cpu, 50, 200);
        turnAt(120);
        assertThat(fixture.rows(ROLLUP, "epoch(time)::BIGINT AS t, a, b, c"))
                .containsExactly("0 60 59 1", "60 60 119 1");
    }

    @Test
    void lateRowsReplaceTheWindowTheyAreOfUntilItIsSettled() {
        fixture.add(BY_HOST, Duration.ZERO, Duration.ofMinutes(2));
        fixture.sources.write(fixture.cpu, 0, 10);
        turnAt(60);
        assertThat(fixture.byHost()).containsExactly("0 a 5 20", "0 b 5 25");
        List<DataFile> first = fixture.files(ROLLUP);
        turnAt(120);
        assertThat(fixture.files(ROLLUP)).as("nothing came, nothing is written").isEqualTo(first);
        fixture.sources.write(fixture.cpu, 10, 2);
        turnAt(180);
        assertThat(fixture.byHost()).containsExactly("0 a 6 30", "0 b 6 36");
        assertThat(count("weir.continuous.queries.windows", "outcome", "recomputed"))
                .isEqualTo(1);
        fixture.sources.write(fixture.cpu, 12, 2); // its window was settled when the watermark came to 180
        turnAt(240);
        assertThat(fixture.byHost()).containsExactly("0 a 6 30", "0 b 6 36");
        assertThat(await(fixture.catalog.compaction().size()))
                .as("a settled window may be compacted")
                .isEqualTo(1);
    }

    @Test
    void aWindowWhoseRowsSomebodyElseTookAwayStaysAsItIs() { // LESSONS 19: never counted twice
        fixture.add(BY_HOST, Duration.ZERO, Duration.ofHours(1));
        fixture.sources.write(fixture.cpu, 0, 10);
        turnAt(60);
        DataFile file = fixture.files(ROLLUP).get(0);
        await(fixture.catalog.change(new FileChange("merged", ROLLUP, List.of(), List.of(file.objectKey()), null)));
        fixture.sources.write(fixture.cpu, 10, 10);
        turnAt(120);
        turnAt(180);
        assertThat(fixture.byHost()).isEmpty();
        assertThat(fixture.query().watermarkMicros()).isEqualTo(180_000_000);
        assertThat(fixture.query().state().failures()).isZero();
    }

    @Test
    void aFailureIsToldAndTriedAgainLaterAndNoWindowIsSkipped() {
        fixture.add("SELECT host, count(*) AS c, sum(n) AS s FROM later GROUP BY host", Duration.ZERO, Duration.ZERO);
        turnAt(60);
        ContinuousQuery failed = fixture.query();
        assertThat(failed.state().failures()).isEqualTo(1);
        assertThat(failed.state().lastFailure()).contains("measurement later does not exist");
        assertThat(failed.state().nextRun()).isEqualTo(Instant.ofEpochSecond(65));
        turnAt(64);
        assertThat(fixture.query().state().failures()).isEqualTo(1);
        turnAt(65);
        assertThat(fixture.query().state().nextRun()).isEqualTo(Instant.ofEpochSecond(75));
        for (int n = 0; n < 20; n++) {
            turnAt(fixture.query().state().nextRun().getEpochSecond());
        }
        assertThat(fixture.query().state().nextRun()).isEqualTo(Instant.ofEpochSecond(fixture.seconds() + 600));
        assertThat(count("weir.continuous.queries.failures")).isEqualTo(22);
        assertThat(await(fixture.queries().runs("q", 1)).get(0).failure()).contains("later");
        fixture.sources.write(fixture.sources.create("main", "later"), 0, 180);
        long due = fixture.query().state().nextRun().getEpochSecond();
        while (turnAt(due) == Turn.MORE) {
            assertThat(fixture.query().state().failures()).isZero();
        }
        assertThat(fixture.byHost()).hasSize(6).first().isEqualTo("0 a 30 870");
        assertThat(fixture.query().state().lastFailure()).isEmpty();
        assertThat(fixture.query().watermarkMicros()).isEqualTo(due / 60 * 60_000_000);
    }

    @Test
    void manyWindowsAreComputedInSeveralTurns() {
        fixture.add(BY_HOST, Duration.ZERO, Duration.ZERO);
        fixture.sources.write(fixture.cpu, 0, 600);
        fixture.at(600);
        ContinuousWorker worker = fixture.worker("windows", "4");
        assertThat(await(worker.turn())).isEqualTo(Turn.MORE);
        assertThat(fixture.byHost()).hasSize(8);
        assertThat(await(worker.turn())).isEqualTo(Turn.MORE);
        assertThat(await(worker.turn())).isEqualTo(Turn.DONE);
        assertThat(fixture.byHost()).hasSize(20);
    }

    @Test
    void twoServersComputeEachWindowOnce() {
        for (int n = 0; n < 6; n++) {
            fixture.add(
                    "q" + n,
                    BY_HOST,
                    Duration.ZERO,
                    Duration.ZERO,
                    ROLLUP.databaseId().table("r" + n));
        }
        fixture.sources.write(fixture.cpu, 0, 600);
        ContinuousWorker one = fixture.worker("windows", "3");
        ContinuousWorker other = fixture.worker("windows", "3");
        fixture.at(600);
        for (int turn = 0; turn < 8; turn++) {
            await(Mono.zip(one.turn(), other.turn()));
        }
        for (int n = 0; n < 6; n++) {
            assertThat(fixture.rows(ROLLUP.databaseId().table("r" + n), "count(*) AS n, sum(c) AS c"))
                    .containsExactly("20 600");
        }
        assertThat(count("weir.continuous.queries.windows", "outcome", "computed"))
                .isEqualTo(60);
        assertThat(count("weir.continuous.queries.failures")).isZero();
    }

    @Test
    void aServerThatLostItsLeaseChangesNothing() {
        fixture.add(BY_HOST, Duration.ZERO, Duration.ZERO);
        fixture.sources.write(fixture.cpu, 0, 60);
        fixture.at(60);
        var lease = await(fixture.leases().acquire("continuous-query/q", "old", Duration.ofMinutes(1)));
        assertThat(await(fixture.worker().turn())).as("another has it").isEqualTo(Turn.DONE);
        assertThatThrownBy(() -> await(fixture.worker().execute(fixture.query())))
                .hasMessageContaining("is being run");
        fixture.expireLeases();
        ContinuousRunner old = fixture.runner(new CrashPoints(), fixture.queries(), ContinuousFixture.settings());
        assertThatThrownBy(() -> await(old.run(fixture.query(), lease))).hasMessageContaining("is not held any more");
        assertThat(fixture.byHost()).isEmpty();
        turnAt(60);
        assertThat(fixture.byHost()).hasSize(2);
    }

    @Test
    void aPausedQueryRunsWhenItIsAskedTo() {
        ContinuousQuery query = fixture.add(BY_HOST, Duration.ZERO, Duration.ZERO);
        ContinuousDefinition was = query.definition();
        ContinuousDefinition paused = new ContinuousDefinition(
                was.name(),
                was.database(),
                was.statement(),
                was.destination(),
                was.interval(),
                was.lag(),
                was.lateness(),
                false,
                was.creator(),
                was.sources());
        await(fixture.queries()
                .change("org", "q", paused, null, new AuditEntry(0, Instant.EPOCH, "org", "t", "changed", "q", "")));
        fixture.sources.write(fixture.cpu, 0, 60);
        turnAt(60);
        assertThat(fixture.byHost()).isEmpty();
        RunTally tally = await(fixture.worker().execute(fixture.query()));
        assertThat(tally).isEqualTo(new RunTally(1, 0, 2));
        assertThat(fixture.byHost()).hasSize(2);
        assertThat(fixture.query().state().nextRun()).isNull();
    }

    @Test
    void aPreviewWritesNothing() {
        ContinuousQuery query = fixture.add(BY_HOST, Duration.ZERO, Duration.ZERO);
        fixture.sources.write(fixture.cpu, 0, 60);
        ContinuousRunner runner = fixture.runner(new CrashPoints(), fixture.queries(), ContinuousFixture.settings());
        assertThat(await(runner.preview(query, 0)).rows()).isEqualTo(2);
        assertThat(await(runner.preview(query, 60_000_000)).rows()).isZero();
        assertThat(fixture.files(ROLLUP)).isEmpty();
        assertThat(fixture.query().watermarkMicros()).isZero();
    }

    @Test
    void aQueryReadsOnlyDatabasesThatItsCreatorMightRead() { // LESSONS 52
        fixture.sources.write(fixture.sources.create("secret", "cpu"), 0, 60);
        fixture.add("SELECT count(*) AS c FROM secret.cpu", Duration.ZERO, Duration.ZERO);
        turnAt(60);
        assertThat(fixture.query().state().lastFailure()).contains("may not read database secret");
        assertThat(fixture.files(ROLLUP)).isEmpty();
    }

    @Test
    void aWindowIsBoundedInRowsAndInMemory() {
        fixture.add("SELECT n, host FROM cpu", Duration.ZERO, Duration.ZERO);
        fixture.sources.write(fixture.cpu, 0, 60);
        fixture.at(60);
        await(fixture.worker("max-rows", "59").turn());
        assertThat(fixture.query().state().lastFailure()).contains("more than 59 rows", "max-rows");
        fixture.at(100);
        await(fixture.worker("max-memory", "1KB").turn());
        assertThat(fixture.query().state().lastFailure()).contains("more than 1024 bytes", "max-memory");
        fixture.at(200);
        await(fixture.worker("max-rows", "60").turn());
        assertThat(fixture.rows(ROLLUP, "count(*) AS c")).containsExactly("60");
    }
}
