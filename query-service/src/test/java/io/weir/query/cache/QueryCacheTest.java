package io.weir.query.cache;

import static io.weir.query.cache.AnswerSource.Kind.BYPASS;
import static io.weir.query.cache.AnswerSource.Kind.HIT;
import static io.weir.query.cache.AnswerSource.Kind.MISS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStream;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.query.TestTables;
import io.weir.query.engine.Query;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.compress.ResultCompression;
import io.weir.query.snapshot.BoundTable;
import io.weir.query.snapshot.Freshness;
import io.weir.query.snapshot.Reading;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableVersion;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What is kept, for whom, and for how long (C1, C2, C3, C6). */
@Timeout(120)
class QueryCacheTest {

    private static final String COUNT = "SELECT count(*) AS c FROM cpu";

    @TempDir
    Path directory;

    private CacheRig rig;
    private TableId cpu;

    @BeforeEach
    void open() {
        rig = new CacheRig(directory, CacheRig.settings());
        cpu = rig.tables.create(CacheRig.DATABASE, "cpu");
        rig.tables.write(cpu, 0, 100);
    }

    @AfterEach
    void close() {
        assertThat(rig.engine.acquired()).isZero();
        assertThat(rig.tables.heldParts()).isZero();
        assertThat(rig.cache.running()).isZero();
        assertThat(rig.cache.gatheringBytes()).isZero();
        rig.close();
    }

    private void reopen(QueryCacheSettings settings) {
        rig.close();
        rig = new CacheRig(directory.resolve("again"), settings);
        cpu = rig.tables.create(CacheRig.DATABASE, "cpu");
        rig.tables.write(cpu, 0, 100);
    }

    @Test
    void theSecondOfTwoEqualQueriesRunsNothing() {
        CacheRig.Answer first = rig.ask(COUNT);
        CacheRig.Answer second = rig.ask(COUNT);

        assertThat(first.kind()).isEqualTo(MISS);
        assertThat(second.kind()).isEqualTo(HIT);
        assertThat(second.text()).isEqualTo(first.text()).isEqualTo("{\"c\":100}\n");
        assertThat(second.rows()).isEqualTo(1);
        assertThat(rig.runs).hasValue(1);
        CacheStats stats = rig.cache.stats();
        assertThat(stats.requests()).isEqualTo(2);
        assertThat(stats.hitRate()).isEqualTo(0.5);
        assertThat(stats.sets()).isEqualTo(1);
        assertThat(stats.size()).isEqualTo(1);
    }

    @Test
    void whiteSpaceBetweenWordsMakesNoDifferenceAndWithinStringsItDoes() {
        assertThat(rig.ask("SELECT count(*) AS c FROM cpu WHERE host = 'a b'").text())
                .isEqualTo("{\"c\":0}\n");
        assertThat(rig.ask("  SELECT count( * )\n AS c FROM cpu\tWHERE host = 'a b' ")
                        .kind())
                .isEqualTo(MISS);
        // The text is new, so only its second time can be looked up; the result is the first one's.
        assertThat(rig.ask("  SELECT count( * )\n AS c FROM cpu\tWHERE host = 'a b' ")
                        .kind())
                .isEqualTo(HIT);
        assertThat(rig.cache.stats().size()).isEqualTo(1);
        assertThat(rig.ask("SELECT 'a b' AS s FROM cpu LIMIT 1").text()).isEqualTo("{\"s\":\"a b\"}\n");
        assertThat(rig.ask("SELECT 'ab' AS s FROM cpu LIMIT 1").text()).isEqualTo("{\"s\":\"ab\"}\n");
        assertThat(rig.ask("SELECT 'ab' AS s FROM cpu LIMIT 1").text()).isEqualTo("{\"s\":\"ab\"}\n");
        assertThat(rig.ask("SELECT 1 AS n FROM cpu GROUP BY ()").rows()).isEqualTo(1);
        assertThat(rig.ask("SELECT 1 AS n FROM cpu").rows()).isEqualTo(100);
        assertThat(rig.ask("SELECT 1 AS n FROM cpu").rows()).isEqualTo(100);
    }

    @Test
    void newRowsAreSeenByTheNextQueryWhetherHotOrCommitted() {
        assertThat(rig.ask(COUNT).text()).contains("100");
        rig.tables.write(cpu, 100, 1);
        assertThat(rig.ask(COUNT)).satisfies(answer -> {
            assertThat(answer.kind()).isEqualTo(MISS);
            assertThat(answer.text()).contains("101");
        });
        TestTables.Flush flush = rig.tables.beginFlush(cpu);
        rig.tables.write(cpu, 101, 1);
        assertThat(rig.ask(COUNT).text()).contains("102");
        flush.commit();
        assertThat(rig.ask(COUNT).text()).contains("102");
        flush.drop();
        assertThat(rig.ask(COUNT).text()).contains("102");
        assertThat(rig.ask(COUNT).kind()).isEqualTo(HIT);
        assertThat(rig.cache.stats().size()).as("one result a question").isEqualTo(1);
        assertThat(rig.cache.stats().invalidations()).isPositive();
    }

    /** C6, lesson 39: whatever happens between two questions, the answer is that of a run. */
    @Test
    void cachedEqualsUncachedAtEveryStepOfARandomHistory() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        TableId memory = rig.tables.create(CacheRig.DATABASE, "memory");
        TableId other = rig.tables.create("other", "cpu");
        List<TableId> all = List.of(cpu, memory, other);
        List<String> questions = List.of(
                COUNT,
                "SELECT count(*) AS c, max(n) AS m FROM memory",
                "SELECT a.host, count(*) AS c FROM cpu a JOIN memory b USING (time) GROUP BY ALL ORDER BY ALL",
                "SELECT count(*) AS c FROM other.cpu",
                "SELECT (SELECT max(n) FROM CPU) AS x, (SELECT min(n) FROM other.cpu) AS y",
                "WITH cpu AS (SELECT * FROM memory) SELECT count(*) AS c FROM cpu",
                "SELECT sum(v) AS s FROM cpu WHERE time >= '1970-01-01 00:01:00Z' AND time < '1970-01-01 00:03:00Z'");
        List<TestTables.Flush> open = new ArrayList<>();
        int[] next = {100, 0, 0};
        for (int step = 0; step < 250; step++) {
            int table = random.nextInt(all.size());
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    int rows = 1 + random.nextInt(20);
                    rig.tables.write(all.get(table), next[table], rows);
                    next[table] += rows;
                }
                case 2 -> {
                    if (random.nextInt(4) == 0) {
                        open.add(rig.tables.beginFlush(all.get(table)));
                    }
                }
                case 3 -> open.forEach(TestTables.Flush::commit);
                case 4 -> {
                    open.forEach(TestTables.Flush::commit);
                    open.forEach(TestTables.Flush::drop);
                    open.clear();
                }
                default -> {}
            }
            if (random.nextInt(3) == 0) {
                open.forEach(TestTables.Flush::commit);
            }
            String sql = questions.get(random.nextInt(questions.size()));
            assertThat(rig.ask(sql).text())
                    .as("seed %d, step %d: %s", seed, step, sql)
                    .isEqualTo(rig.uncached(sql));
        }
        assertThat(rig.cache.stats().hits()).as("seed %d", seed).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT now() AS t, count(*) AS c FROM cpu",
                "SELECT current_timestamp AS t FROM cpu LIMIT 1",
                "SELECT CURRENT_DATE AS t FROM cpu LIMIT 1",
                "SELECT today() AS t FROM cpu LIMIT 1",
                "SELECT count(*) AS c FROM cpu WHERE time < now() - INTERVAL 1 HOUR",
                "SELECT age(time) AS t FROM cpu LIMIT 1",
                "SELECT random() AS r FROM cpu LIMIT 1",
                "SELECT uuid() AS r FROM cpu LIMIT 1",
                "SELECT * FROM cpu USING SAMPLE 3 ROWS",
                "SELECT * FROM (SELECT * FROM cpu TABLESAMPLE 50%) LIMIT 1",
                "SHOW TABLES",
                "SHOW DATABASES",
                "DESCRIBE cpu",
                "EXPLAIN SELECT count(*) FROM cpu",
            })
    void whatDependsOnMoreThanTheRowsIsNeverKept(String sql) {
        assertThat(rig.ask(sql).kind()).isEqualTo(BYPASS);
        assertThat(rig.ask(sql).kind()).isEqualTo(BYPASS);
        assertThat(rig.runs).hasValue(2);
        assertThat(rig.cache.stats().sets()).isZero();
        assertThat(rig.cache.stats().bypasses()).isEqualTo(2);
    }

    @Test
    void whoAsksForFilesOnlyIsNotAnsweredWithRowsThatAreInNone() {
        assertThat(rig.ask(COUNT).text()).contains("100");
        Query visible = rig.request(COUNT).query();
        CacheRequest asked = rig.request(COUNT);
        CacheRequest committed = new CacheRequest(
                new Query(
                        visible.caller(),
                        visible.database(),
                        COUNT,
                        QueryParameters.none(),
                        visible.timeout(),
                        Freshness.COMMITTED),
                asked.format(),
                asked.numbers(),
                asked.compression(),
                asked.limit(),
                asked.reader(),
                asked.compressor(),
                false);
        assertThat(rig.ask(committed).text()).contains(":0}");
        assertThat(rig.ask(COUNT).kind()).isEqualTo(HIT);
        assertThat(rig.cache.stats().bypasses()).isEqualTo(1);
    }

    @Test
    void hotRowsWhoseVersionCannotBeToldAreReadAndNothingIsKeptOfThem() {
        HotRows remote = new HotRows() {
            @Override
            public Mono<List<HotPart>> snapshot(TableId table, HotHold hold) {
                return rig.tables.snapshot(table, hold);
            }

            @Override
            public Mono<String> version(TableId table) {
                return Mono.error(new AssertionError("asked for a version that it cannot tell"));
            }

            @Override
            public boolean tellsVersions() {
                return false;
            }
        };
        SnapshotReader snapshots = new SnapshotReader(remote, rig.tables);
        try (HotHold hold = new HotHold()) {
            BoundTable table = snapshots
                    .read(cpu, new Reading(TimeRange.ALL, Freshness.VISIBLE, null), hold)
                    .block();
            assertThat(table.hotBatches()).isNotEmpty();
            assertThat(table.version().isKnown()).isFalse();
        }
        assertThat(snapshots.version(cpu).block().isKnown()).isFalse();
    }

    @Test
    void everythingThatChangesTheBytesTellsAnswersApart() {
        String sql = "SELECT n FROM cpu WHERE n < 5 ORDER BY n";
        String withParameter = "SELECT n FROM cpu WHERE n < $1 ORDER BY n";
        Duration limit = Duration.ofSeconds(60);
        String org = TestTables.ORGANISATION;
        for (int round = 0; round < 2; round++) {
            AnswerSource.Kind expected = round == 0 ? MISS : HIT;
            for (ResultCompression compression : ResultCompression.values()) {
                assertThat(rig.ask(rig.request(org, sql, compression, Long.MAX_VALUE, limit)))
                        .satisfies(answer -> {
                            assertThat(answer.kind()).isEqualTo(expected);
                            assertThat(opened(answer.body(), compression)).isEqualTo(rig.uncached(sql));
                        });
            }
            CacheRig.Answer cut = rig.ask(rig.request(org, sql, ResultCompression.NONE, 2, limit));
            assertThat(cut.kind()).isEqualTo(expected);
            assertThat(cut.rows()).isEqualTo(2);
            assertThat(cut.truncated()).isTrue();
            for (ResultFormat format : List.of(ResultFormat.CSV, ResultFormat.ARROW, ResultFormat.MSGPACK)) {
                assertThat(rig.ask(rig.request(
                                        org,
                                        sql,
                                        QueryParameters.none(),
                                        format,
                                        ResultCompression.NONE,
                                        Long.MAX_VALUE,
                                        limit))
                                .kind())
                        .isEqualTo(expected);
            }
            for (Object value : List.of(1L, 2L, 2.0)) {
                CacheRig.Answer answer = rig.ask(rig.request(
                        org,
                        withParameter,
                        QueryParameters.positional(List.of(value)),
                        ResultFormat.NDJSON,
                        ResultCompression.NONE,
                        Long.MAX_VALUE,
                        limit));
                // A statement is looked up from its second time on; the values are other ones each time.
                assertThat(answer.kind()).isEqualTo(expected);
                assertThat(answer.rows()).isEqualTo(((Number) value).longValue());
            }
        }
    }

    private static String opened(byte[] body, ResultCompression compression) throws java.io.IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(body);
        return new String(
                switch (compression) {
                    case NONE -> body;
                    case ZSTD -> new ZstdInputStream(in).readAllBytes();
                    case GZIP -> new GZIPInputStream(in).readAllBytes();
                },
                java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void aKeyWithoutAnOrganisationCannotBeMade() { // C3
        assertThatThrownBy(() -> subject(" ")).hasMessageContaining("belongs to an organisation");
        CacheSubject own = subject("org");
        TableVersion foreign = new TableVersion(new TableId("evil", "main", "cpu"), "", "1");
        assertThatThrownBy(() -> new CacheKey(own, Set.of(foreign))).hasMessageContaining("rows of evil");
        TableVersion unknown = new TableVersion(new TableId("org", "main", "cpu"), "", "");
        assertThatThrownBy(() -> new CacheKey(own, Set.of(unknown))).hasMessageContaining("version is not known");
    }

    private static CacheSubject subject(String organisation) {
        return new CacheSubject(
                organisation,
                "main",
                "x",
                QueryParameters.none(),
                ResultFormat.JSON,
                NumberForm.NUMBER,
                1,
                ResultCompression.NONE);
    }

    @Test
    void organisationsNeverMeet() { // C3
        assertThat(rig.ask(COUNT).kind()).isEqualTo(MISS);
        assertThat(rig.ask(COUNT).kind()).isEqualTo(HIT);
        CacheRequest foreign =
                rig.request("evil", COUNT, ResultCompression.NONE, Long.MAX_VALUE, Duration.ofSeconds(60));
        assertThatThrownBy(() -> rig.ask(foreign))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.DATABASE_NOT_FOUND));
        assertThat(rig.cache
                        .invalidate(new Selection("evil", null, null, null, null))
                        .block())
                .isZero();
        assertThat(rig.cache.size("evil")).isZero();
        assertThat(rig.cache.size(TestTables.ORGANISATION)).isEqualTo(1);
    }

    @Test
    void failuresAreNotKept() {
        String wrong = "SELECT nothing FROM cpu";
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> rig.ask(wrong)).isInstanceOf(WeirException.class);
        }
        assertThat(rig.cache.stats().sets()).isZero();
        assertThat(rig.cache.stats().hits()).isZero();
    }

    @Test
    void aResultThatIsTooLargeIsStreamedAndNotKept() { // C1
        reopen(CacheRig.settings(1 << 20, 10_000, 100, 100));
        String large = "SELECT md5(range::VARCHAR) AS h FROM range(100000)";
        for (int i = 0; i < 2; i++) {
            CacheRig.Answer answer = rig.ask(large);
            assertThat(answer.kind()).isEqualTo(MISS);
            assertThat(answer.rows()).isEqualTo(100_000);
        }
        assertThat(rig.cache.stats().tooLarge()).isEqualTo(2);
        assertThat(rig.cache.stats().size()).isZero();
        assertThat(rig.ask(COUNT).kind()).isEqualTo(MISS);
        assertThat(rig.ask(COUNT).kind()).isEqualTo(HIT);
    }

    @Test
    void whatIsKeptWeighsNoMoreThanItMay() { // C1, C2
        reopen(CacheRig.settings(200_000, 50_000, 10_000, 10_000));
        for (int i = 0; i < 60; i++) {
            rig.ask("SELECT md5((range + " + i
                    + ")::VARCHAR) AS h FROM range(500)"); // some 10 KB each, hardly compressible
        }
        rig.cache.sweep();
        CacheStats stats = rig.cache.stats();
        assertThat(stats.bytes()).isBetween(50_000L, 200_000L);
        assertThat(stats.evictions()).isPositive();
        assertThat(stats.size()).isEqualTo(stats.sets() - stats.evictions());
        rig.cache.pressed(true); // REQUIREMENTS O3
        assertThat(rig.cache.stats().bytes()).isLessThanOrEqualTo(50_000);
        rig.cache.pressed(false);
        for (int i = 0; i < 20; i++) {
            rig.ask("SELECT md5((range + 7 + " + i + ")::VARCHAR) AS g FROM range(500)");
        }
        assertThat(rig.cache.stats().bytes()).isGreaterThan(50_000);
    }

    @Test
    void numbersOfResultsAreLimitedForAllAndForEachOrganisation() { // C2, C3
        reopen(CacheRig.settings(32 << 20, 4 << 20, 1_000, 5));
        for (int i = 0; i < 9; i++) {
            rig.ask("SELECT " + i + " AS i FROM cpu LIMIT 1");
            rig.ask("SELECT 0 AS i FROM cpu LIMIT 1"); // used again and again
        }
        assertThat(rig.cache.size(TestTables.ORGANISATION)).isEqualTo(5);
        assertThat(rig.cache.stats().size()).isEqualTo(5);
        assertThat(rig.cache.stats().evictions()).isEqualTo(4);
        assertThat(rig.ask("SELECT 0 AS i FROM cpu LIMIT 1").kind())
                .as("the latest used stays")
                .isEqualTo(HIT);
        assertThat(rig.ask("SELECT 1 AS i FROM cpu LIMIT 1").kind())
                .as("the oldest has left")
                .isEqualTo(MISS);

        reopen(CacheRig.settings(32 << 20, 4 << 20, 4, 100));
        for (int i = 0; i < 9; i++) {
            rig.ask("SELECT " + i + " AS i FROM cpu LIMIT 1");
        }
        assertThat(rig.cache.stats().size()).isEqualTo(4);
        assertThat(rig.cache.size(TestTables.ORGANISATION)).isEqualTo(4);
    }

    @Test
    void timeEndsWhatIsKeptAndTheSweepLetsGoOfIt() { // C2
        rig.ask(COUNT);
        rig.nanos.addAndGet(Duration.ofMinutes(10).toNanos() - 1);
        assertThat(rig.ask(COUNT).kind()).isEqualTo(HIT);
        rig.nanos.addAndGet(1);
        assertThat(rig.cache.stats().size()).isEqualTo(1);
        rig.cache.sweep();
        assertThat(rig.cache.stats().size()).isZero();
        assertThat(rig.cache.stats().bytes()).isZero();
        assertThat(rig.cache.stats().expirations()).isEqualTo(1);
        assertThat(rig.cache.stats().sweeps()).isEqualTo(1);
        assertThat(rig.cache.size(TestTables.ORGANISATION)).isZero();
        assertThat(rig.ask(COUNT).kind()).isEqualTo(MISS);
    }

    @Test
    void resultsAreForgottenByKeyPatternDatabaseAndMeasurement() { // C6
        rig.tables.create("other", "disk");
        String disk = "SELECT count(*) AS c FROM other.disk";
        String host = "SELECT count(*) AS c FROM cpu WHERE host = 'a'";
        Runnable fill = () -> List.of(COUNT, disk, host).forEach(rig::ask);
        String org = TestTables.ORGANISATION;
        fill.run();
        assertThat(forget(new Selection(org, null, "*HOST = *", null, null))).isEqualTo(1);
        assertThat(rig.ask(host).kind()).isEqualTo(MISS);
        assertThat(forget(new Selection(org, null, "count", null, null))).isZero();
        assertThat(forget(new Selection(org, null, null, "other", null))).isEqualTo(1);
        assertThat(rig.ask(disk).kind()).isEqualTo(MISS);
        assertThat(forget(new Selection(org, null, null, CacheRig.DATABASE, "cpu")))
                .isEqualTo(2);
        fill.run();
        assertThat(forget(new Selection(org, null, null, null, "disk"))).isEqualTo(1);
        AnswerSource source = new AnswerSource();
        CacheRig.joined(rig.cache.answer(rig.request(COUNT), source));
        assertThat(source.key()).hasSize(32);
        assertThat(forget(new Selection(org, source.key(), null, null, null))).isEqualTo(1);
        fill.run();
        assertThat(forget(new Selection(org, null, null, null, null))).isEqualTo(3);
        assertThat(rig.cache.stats().size()).isZero();
    }

    private long forget(Selection selection) {
        Long removed = rig.cache.invalidate(selection).block();
        assertThat(removed).isNotNull();
        return removed;
    }

    @Test
    void namedQueriesAreWarmBeforeAnybodyAsksAndAgainWhenTheirRowsChange() { // C6
        CacheWarmer warmer = new CacheWarmer(
                rig.cache,
                List.of(
                        new WarmQuery(
                                "broken",
                                TestTables.ORGANISATION,
                                CacheRig.DATABASE,
                                "SELECT",
                                ResultFormat.JSON,
                                ResultCompression.GZIP),
                        new WarmQuery(
                                "count",
                                TestTables.ORGANISATION,
                                CacheRig.DATABASE,
                                COUNT,
                                ResultFormat.NDJSON,
                                ResultCompression.GZIP)),
                Duration.ofSeconds(15),
                Long.MAX_VALUE,
                Duration.ofSeconds(60));
        CacheRequest gzip = rig.request(
                TestTables.ORGANISATION, COUNT, ResultCompression.GZIP, Long.MAX_VALUE, Duration.ofSeconds(60));
        for (int round = 0; round < 3; round++) {
            rig.tables.write(cpu, 1_000 + round, 1);
            warmer.turn().block();
            assertThat(rig.ask(gzip).kind()).isEqualTo(HIT);
        }
        assertThat(rig.cache.stats().sets()).isEqualTo(3);
        warmer.turn().block();
        assertThat(rig.cache.stats().sets()).as("nothing has changed").isEqualTo(3);
    }
}
