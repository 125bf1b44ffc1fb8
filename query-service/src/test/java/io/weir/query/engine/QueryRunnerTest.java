package io.weir.query.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotScope;
import io.weir.common.model.TableId;
import io.weir.query.QueryError;
import io.weir.query.TestTables;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.snapshot.Freshness;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class QueryRunnerTest {

    @TempDir
    Path directory;

    private TestTables tables;
    private DuckDbEngine engine;
    private QueryRunner runner;

    @BeforeEach
    void open() {
        tables = new TestTables(directory.resolve("disks"));
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory.resolve("disks")),
                directory.resolve("spill"),
                256L << 20,
                2,
                4,
                64,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30)));
        runner = new QueryRunner(engine, tables, new TableResolver(tables, new SnapshotReader(tables, tables)), true);
    }

    @AfterEach
    void close() {
        assertThat(engine.acquired()).isZero();
        engine.close();
    }

    private String query(String sql, Object... parameters) {
        return ask("main", sql, QueryParameters.positional(List.of(parameters)));
    }

    private String ask(String database, String sql, QueryParameters parameters) {
        Query query = new Query(
                Principal.unrestricted(TestTables.ORGANISATION, "tester"),
                database,
                sql,
                parameters,
                Duration.ofSeconds(30));
        RowLimit limit = new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE);
        return runner.run(query, ResultFormat.NDJSON.encoder(limit, 0))
                .map(chunk -> new String(chunk, StandardCharsets.UTF_8))
                .collectList()
                .map(parts -> String.join("", parts))
                .block();
    }

    @Test
    void filesAndHotRowsAreOneTable() {
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 1_000);
        tables.flush(cpu);
        tables.write(cpu, 1_000, 500);
        tables.flush(cpu);
        tables.write(cpu, 1_500, 10);
        assertThat(query("SELECT count(*) AS c, sum(n) AS s, min(time) AS t, max(v) AS v FROM cpu"))
                .isEqualTo("{\"c\":1510,\"s\":1139295,\"t\":\"1970-01-01T00:00:00Z\",\"v\":754.5}\n");
        assertThat(query("SELECT host, count(*) c FROM cpu WHERE time >= '1970-01-01 00:24:50Z' GROUP BY 1 ORDER BY 1"))
                .isEqualTo("{\"host\":\"a\",\"c\":10}\n{\"host\":\"b\",\"c\":10}\n");
        assertThat(query("SELECT a.n FROM cpu a JOIN CPU b ON a.n = b.n + ? WHERE b.n > ? ORDER BY 1", 1L, 1_506L))
                .isEqualTo("{\"n\":1508}\n{\"n\":1509}\n");
    }

    @Test
    void hotRowsAreAskedForWhatTheStatementCanNeed() { // issue 5 item 6: little travels between processes
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 10);
        assertThat(query("SELECT max(N) AS n FROM cpu WHERE time >= '1970-01-01 00:00:05Z' AND host = 'b'"))
                .isEqualTo("{\"n\":9}\n");
        assertThat(tables.lastScope().times().fromMicros()).isEqualTo(5_000_000);
        assertThat(tables.lastScope().mayMean("n")).isTrue();
        assertThat(tables.lastScope().mayMean("host")).isTrue();
        assertThat(tables.lastScope().mayMean("v")).isFalse();
        query("FROM cpu");
        assertThat(tables.lastScope()).isEqualTo(HotScope.ALL);
    }

    @Test
    void committedRowsAreReadWithoutAskingForHotOnes() {
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 10);
        tables.flush(cpu);
        tables.write(cpu, 10, 5);
        for (Freshness freshness : Freshness.values()) {
            Query query = new Query(
                    Principal.unrestricted(TestTables.ORGANISATION, "tester"),
                    "main",
                    "SELECT count(*) AS c FROM cpu",
                    QueryParameters.none(),
                    Duration.ofSeconds(30),
                    freshness);
            assertThat(runner.run(query, ResultFormat.NDJSON.encoder(new RowLimit(9, 9), 0))
                            .map(chunk -> new String(chunk, StandardCharsets.UTF_8))
                            .reduce(String::concat)
                            .block())
                    .isEqualTo(freshness == Freshness.VISIBLE ? "{\"c\":15}\n" : "{\"c\":10}\n");
            assertThat(runner.estimate(query).block().get(0).rows())
                    .isEqualTo(freshness == Freshness.VISIBLE ? 15 : 10);
        }
    }

    @Test
    void plansAreExplainedAndTellNoPaths() {
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 1_000);
        tables.flush(cpu);
        String plan = query("  explain\nSELECT max(v) FROM main.cpu WHERE n > ?", 5L);
        assertThat(plan).contains("\"explain_key\":\"physical_plan\"", "max(");
        assertThat(plan).doesNotContain(directory.toString());
        for (String wrong : List.of(
                "EXPLAIN COPY cpu TO '/tmp/x'",
                "EXPLAIN EXPLAIN SELECT 1",
                "EXPLAIN ANALYZE SELECT max(v) FROM cpu",
                "EXPLAIN SHOW TABLES",
                "EXPLAINSELECT 1",
                "EXPLAIN SELECT 1; SELECT 2")) {
            assertThatThrownBy(() -> query(wrong)).as(wrong).isInstanceOf(WeirException.class);
        }
    }

    private Flux<byte[]> run(String sql, Duration timeout) {
        Query query = new Query(
                Principal.unrestricted(TestTables.ORGANISATION, "tester"),
                "main",
                sql,
                QueryParameters.positional(List.of()),
                timeout);
        return runner.run(query, ResultFormat.NDJSON.encoder(new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE), 0));
    }

    private void awaitNothingHeld() {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while ((tables.heldParts() > 0 || engine.acquired() > 0) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(tables.heldParts()).isZero();
    }

    @Test
    void hotRowsAreHeldWhileAQueryReadsThemAndNoLonger() { // invariants 3, 5: success, error, cancel, timeout
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 5_000);
        tables.beginFlush(cpu);
        tables.write(cpu, 5_000, 5_000);
        assertThat(query("SELECT count(*) c FROM cpu")).isEqualTo("{\"c\":10000}\n");
        awaitNothingHeld();
        assertFails("SELECT nope FROM cpu", io.weir.storage.duckdb.EngineError.UNKNOWN_COLUMN);
        awaitNothingHeld();
        String endless = "SELECT count(*) FROM cpu a, cpu b, cpu c WHERE hash(a.n + b.n + c.n) = 1";
        StepVerifier.create(run(endless, Duration.ofMillis(300)))
                .expectErrorSatisfies(e -> assertThat(((WeirException) e).code())
                        .isEqualTo(io.weir.storage.duckdb.EngineError.QUERY_TIMEOUT))
                .verify(Duration.ofSeconds(20));
        awaitNothingHeld();
        AtomicInteger heldWhileReading = new AtomicInteger();
        run("SELECT n FROM cpu, range(5000)", Duration.ofSeconds(30))
                .doOnNext(chunk -> heldWhileReading.set(tables.heldParts()))
                .take(1) // cancels
                .blockLast();
        assertThat(heldWhileReading).hasValue(2);
        awaitNothingHeld();
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            Disposable running = run(i % 2 == 0 ? endless : "SELECT * FROM cpu", Duration.ofSeconds(30))
                    .subscribe(chunk -> {}, e -> {});
            LockSupport.parkNanos(random.nextInt(8_000_000));
            running.dispose();
        }
        awaitNothingHeld();
    }

    @Test
    void partsInFilesAreLetGoBeforeTheQueryRuns() { // what a query does not read it does not hold
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 100);
        TestTables.Flush flush = tables.beginFlush(cpu);
        flush.commit();
        tables.write(cpu, 100, 5_000);
        AtomicInteger heldWhileReading = new AtomicInteger();
        run("SELECT n FROM cpu, range(5000)", Duration.ofSeconds(30))
                .doOnNext(chunk -> heldWhileReading.set(tables.heldParts()))
                .take(1)
                .blockLast();
        assertThat(heldWhileReading).hasValue(1);
        awaitNothingHeld();
    }

    @Test
    void rowsAreSeenOnceAtEveryStepOfAFlush() { // invariant 2
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 100);
        TestTables.Flush flush = tables.beginFlush(cpu);
        tables.write(cpu, 100, 5);
        assertThat(query("SELECT count(*) c FROM cpu")).isEqualTo("{\"c\":105}\n");
        flush.commit();
        assertThat(query("SELECT count(*) c FROM cpu")).isEqualTo("{\"c\":105}\n");
        flush.drop();
        assertThat(query("SELECT count(*) c FROM cpu")).isEqualTo("{\"c\":105}\n");
    }

    @Test
    void countNeverFallsAndNeverExceedsTheTruthWhileFlushing() throws Exception { // lesson 20
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 10);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        java.util.concurrent.atomic.AtomicInteger written = new java.util.concurrent.atomic.AtomicInteger(10);
        java.util.concurrent.atomic.AtomicInteger announced = new java.util.concurrent.atomic.AtomicInteger(10);
        Thread writer = new Thread(() -> {
            try {
                for (int i = 0; i < 60 && !stop.get(); i++) {
                    announced.addAndGet(10);
                    tables.write(cpu, written.get(), 10);
                    written.addAndGet(10);
                    if (i % 3 == 0) {
                        tables.flush(cpu);
                    }
                }
            } catch (RuntimeException e) {
                failure.set(e);
            }
        });
        writer.start();
        long last = 0;
        while (writer.isAlive()) {
            long before = written.get();
            String answer = query("SELECT count(*) AS c, count(DISTINCT n) AS d FROM cpu");
            long after = announced.get();
            long count = Long.parseLong(answer.substring(5, answer.indexOf(',')));
            assertThat(count).isBetween(Math.max(before, last), after);
            assertThat(answer).isEqualTo("{\"c\":" + count + ",\"d\":" + count + "}\n");
            last = count;
        }
        stop.set(true);
        writer.join();
        assertThat(failure.get()).isNull();
    }

    @Test
    void namesResolveExactlyThenIgnoringCase() { // lesson 52
        tables.write(tables.create("main", "cpu"), 0, 1);
        tables.write(tables.create("main", "CPU"), 0, 2);
        tables.write(tables.create("main", "Mem"), 0, 3);
        tables.write(tables.create("other-db", "cpu"), 0, 4);
        assertThat(query("SELECT count(*) c FROM cpu")).isEqualTo("{\"c\":1}\n");
        assertThat(query("SELECT count(*) c FROM \"CPU\"")).isEqualTo("{\"c\":2}\n");
        assertThat(query("SELECT count(*) c FROM mem")).isEqualTo("{\"c\":3}\n");
        assertThat(query("SELECT count(*) c FROM \"other-db\".cpu")).isEqualTo("{\"c\":4}\n");
        assertThat(
                        query(
                                "SELECT (SELECT count(*) FROM cpu) a, (SELECT count(*) FROM CPU) b, (FROM \"other-db\".cpu SELECT count(*)) c"))
                .isEqualTo("{\"a\":1,\"b\":2,\"c\":4}\n");
        assertThat(query("WITH cpu AS (SELECT * FROM cpu) SELECT count(*) c FROM cpu"))
                .isEqualTo("{\"c\":1}\n");
        assertFails("SELECT * FROM cPu", io.weir.query.QueryError.AMBIGUOUS_MEASUREMENT);
    }

    @Test
    void aNameThatIsAlsoAPathReadsItsMeasurementAndNeverAFile() { // lesson 51, invariant 8
        TableId secret = tables.create("other", "secret");
        tables.write(secret, 0, 7);
        tables.beginFlush(secret).commit();
        String files = directory.resolve("disks").toAbsolutePath() + "/**/*.parquet";
        String own = files.replace("s", "\u017f"); // LATIN SMALL LETTER LONG S, in upper case an S
        tables.write(tables.create("main", own), 0, 2);
        String sql = "SELECT count(*) FROM \"" + files + "\"";
        assertFails(sql, CommonError.MEASUREMENT_NOT_FOUND);
        assertThat(query("SELECT count(*) FROM \"" + own + "\"")).contains(":2}");
        tables.write(tables.create("main", files), 0, 3);
        assertThat(query(sql)).contains(":3}");
        assertFails("WITH \"" + files.replace("k", "\u212a") + "\" AS (SELECT 1) " + sql, QueryError.SQL_NOT_ALLOWED);
    }

    @Test
    void statementsOfAThousandOperatorsRun() {
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 10);
        tables.flush(cpu);
        tables.write(cpu, 10, 10);
        assertThat(query("SELECT 1" + " + 1".repeat(999) + " AS x")).isEqualTo("{\"x\":1000}\n");
        assertThat(query("SELECT cpu.n" + " + cpu.n".repeat(999) + " AS x FROM cpu WHERE n = 3"))
                .isEqualTo("{\"x\":3000}\n");
        assertThat(query("SELECT length(''" + " || host".repeat(1_000) + ") AS x FROM cpu WHERE n = 12"))
                .isEqualTo("{\"x\":1000}\n");
        assertThat(query("SELECT count(*) AS c FROM cpu WHERE n = 0" + " OR n = 15".repeat(1_000)))
                .isEqualTo("{\"c\":2}\n");
        String unlike = java.util.stream.IntStream.range(1, 1_001)
                .mapToObj(i -> " AND n <> " + i)
                .collect(java.util.stream.Collectors.joining());
        assertThat(query("SELECT count(*) AS c FROM cpu WHERE true" + unlike)).isEqualTo("{\"c\":1}\n");
        assertThat(query("SELECT count(*) AS c FROM cpu WHERE n IN (-1" + ", 7, 1000000".repeat(5_000) + ")"))
                .isEqualTo("{\"c\":1}\n");
        assertThat(query("SELECT count(*) AS c FROM cpu WHERE time > '1970-01-01'::TIMESTAMP"
                        + " + INTERVAL 1 MILLISECOND".repeat(300)))
                .isEqualTo("{\"c\":19}\n");
    }

    @Test
    void statementsThatAreDeeperAreRefused() {
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 10);
        assertFails("SELECT 1" + " + 1".repeat(2_000), QueryError.SQL_NOT_ALLOWED);
        assertFails("SELECT 1" + " + 1".repeat(200_000), QueryError.SQL_NOT_ALLOWED);
        assertFails("SELECT count(*) FROM cpu WHERE true" + " AND n <> 1".repeat(2_001), QueryError.SQL_NOT_ALLOWED);
    }

    @Test
    void aMeasurementIsReadInOneState() { // a self join of rows that keep coming is of one snapshot
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 10);
        tables.flush(cpu);
        tables.snapshots();
        assertThat(
                        query(
                                "SELECT count(*) AS c FROM cpu a JOIN main.cpu b USING (n) WHERE n IN (SELECT n FROM cpu) AND n < 5"))
                .isEqualTo("{\"c\":5}\n");
        assertThat(tables.snapshots()).isEqualTo(1);
    }

    @Test
    void filesAreNoColumns() { // lesson 51
        TableId cpu = tables.create("main", "cpu");
        tables.write(cpu, 0, 10);
        tables.flush(cpu);
        for (String column : List.of("filename", "file_index", "file_row_number", "rowid")) {
            assertFails("SELECT " + column + " FROM cpu", io.weir.storage.duckdb.EngineError.UNKNOWN_COLUMN);
        }
    }

    @Test
    void unknownNamesSayWhatIsNear() {
        tables.create("main", "cpu_total");
        assertThatThrownBy(() -> query("SELECT * FROM cpu_totl"))
                .hasMessage("measurement cpu_totl does not exist in database main (did you mean cpu_total?)");
        assertThatThrownBy(() -> query("SELECT * FROM mian.cpu"))
                .hasMessage("database mian does not exist (did you mean main?)");
        assertFails("SELECT * FROM nope", CommonError.MEASUREMENT_NOT_FOUND);
        assertFails("SELECT * FROM sqlite_master", CommonError.MEASUREMENT_NOT_FOUND);
        assertFails("SELECT * FROM information_schema.tables", CommonError.DATABASE_NOT_FOUND);
        assertFails("SELECT * FROM '/etc/passwd'", CommonError.MEASUREMENT_NOT_FOUND);
        assertFails("SELECT nope FROM cpu_total", io.weir.storage.duckdb.EngineError.UNKNOWN_COLUMN);
    }

    private void assertFails(String sql, Object code) {
        assertThatThrownBy(() -> query(sql))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void showAndDescribeAnswerFromTheCatalog() {
        tables.create("main", "cpu");
        tables.create("main", "mem");
        tables.create("zoo", "x");
        assertThat(query("SHOW DATABASES")).isEqualTo("{\"database_name\":\"main\"}\n{\"database_name\":\"zoo\"}\n");
        assertThat(query("SHOW TABLES")).isEqualTo("{\"name\":\"cpu\"}\n{\"name\":\"mem\"}\n");
        assertThat(query("SHOW TABLES FROM zoo")).isEqualTo("{\"name\":\"x\"}\n");
        assertFails("SHOW TABLES FROM nope", CommonError.DATABASE_NOT_FOUND);
        assertThat(query("DESCRIBE zoo.x"))
                .contains("\"column_name\":\"time\",\"column_type\":\"TIMESTAMP WITH TIME ZONE\"")
                .contains("\"column_name\":\"v\",\"column_type\":\"DOUBLE\"");
        assertThat(query("SUMMARIZE cpu")).contains("\"column_name\":\"host\"");
    }

    @Test
    void namedParametersBind() {
        assertThat(ask(
                        "main",
                        "SELECT $b AS b, $a::INT + $a AS a",
                        QueryParameters.named(java.util.Map.of("a", 2L, "b", "x"))))
                .isEqualTo("{\"b\":\"x\",\"a\":4}\n");
    }
}
