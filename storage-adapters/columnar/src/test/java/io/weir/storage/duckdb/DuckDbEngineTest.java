package io.weir.storage.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class DuckDbEngineTest {

    @TempDir
    Path directory;

    private DuckDbEngine engine;

    @AfterEach
    void close() {
        Waiting.until(() -> engine.acquired() == 0);
        assertThat(engine.created()).isEqualTo(engine.destroyed());
        assertThat(engine.arrowBytes()).isZero();
        assertThat(engine.hotTables()).isZero();
        engine.close();
        assertThat(Waiting.threadsNamed("weir-query")).isEmpty();
    }

    private Flux<List<List<Object>>> query(Duration limit, String sql) {
        return engine.withSession(limit, session -> Engines.rows(session, sql));
    }

    private static void assertCode(Throwable failure, Object code) {
        assertThat(failure).isInstanceOf(WeirException.class);
        assertThat(((WeirException) failure).code()).isEqualTo(code);
    }

    @Test
    void streamsAtTheReadersPaceAndReleasesOnComplete() {
        engine = Engines.engine(directory, 2);
        AtomicLong rows = new AtomicLong();
        StepVerifier.create(
                        query(Engines.LONG, "SELECT * FROM range(1000000)").doOnNext(r -> rows.addAndGet(r.size())), 0)
                .thenRequest(2)
                .expectNextCount(2)
                .then(() -> assertThat(engine.acquired()).isOne())
                .thenRequest(Long.MAX_VALUE)
                .thenConsumeWhile(r -> true)
                .verifyComplete();
        assertThat(rows).hasValue(1_000_000);
    }

    @Test
    void refusesWithinTheAcquireTimeoutWhenSaturated() { // requirement: 503 within the timeout, at once when too
        // many wait
        engine = DuckDbEngine.open(Engines.settings(directory, 1, 1, Duration.ofMillis(300)));
        Disposable running = query(Engines.LONG, Engines.ENDLESS).subscribe();
        Waiting.until(() -> engine.acquired() == 1);
        long start = System.nanoTime();
        CountDownLatch timedOut = new CountDownLatch(1);
        query(Engines.LONG, "SELECT 1").subscribe(r -> {}, e -> {
            assertCode(e, CommonError.OVERLOADED);
            timedOut.countDown();
        });
        assertThat(engine.pending()).isOne();
        StepVerifier.create(query(Engines.LONG, "SELECT 1"))
                .verifyErrorSatisfies(e -> assertCode(e, CommonError.OVERLOADED));
        assertThat(millisSince(start)).isLessThan(250);
        assertThat(Waiting.on(timedOut)).isTrue();
        assertThat(millisSince(start)).isBetween(290L, 10_000L);
        assertThat(engine.timedOut()).isOne();
        assertThat(engine.refused()).isOne();
        running.dispose();
        Waiting.until(() -> engine.acquired() == 0);
        assertThat(Engines.rows(engine, "SELECT 42")).containsExactly(List.of(42));
    }

    @Test
    void cancelStopsTheEngineWhileItExecutes() { // lesson 41
        engine = Engines.engine(directory, 1);
        Disposable running = query(Engines.LONG, Engines.ENDLESS).subscribe();
        assertEngineStopsSoonAfter(running);
    }

    @Test
    void cancelStopsTheEngineWhileItFetches() { // lesson 41: the driver's cancel does nothing here
        engine = Engines.engine(directory, 1);
        CountDownLatch first = new CountDownLatch(600);
        String slowTail = "SELECT range, 'host_' || range % 1000 FROM range(500000000)"
                + " WHERE range < 5000000 OR md5(range::VARCHAR) = 'x'";
        Disposable running = query(Engines.LONG, slowTail).subscribe(r -> first.countDown());
        assertThat(Waiting.on(first)).isTrue();
        assertEngineStopsSoonAfter(running);
    }

    private void assertEngineStopsSoonAfter(Disposable running) {
        Waiting.until(() -> engineIsBusy());
        long start = System.nanoTime();
        running.dispose();
        Waiting.until(() -> engine.acquired() == 0);
        assertThat(millisSince(start)).isLessThan(5_000);
        Waiting.until(() -> !engineIsBusy());
        assertThat(millisSince(start)).isLessThan(5_000); // compilers of the JVM count as busy too
    }

    private static boolean engineIsBusy() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        Waiting.nap(100);
        return system.getProcessCpuTime() - cpu > (System.nanoTime() - start) / 2;
    }

    @Test
    void timeoutCancelsAndSaysSo() {
        engine = Engines.engine(directory, 1);
        Engines.rows(engine, "SELECT 1"); // classes and natives are loaded before the clock starts
        long start = System.nanoTime();
        StepVerifier.create(query(Duration.ofMillis(300), Engines.ENDLESS))
                .verifyErrorSatisfies(e -> assertCode(e, EngineError.QUERY_TIMEOUT));
        assertThat(millisSince(start)).isBetween(290L, 10_000L);
        Waiting.until(() -> engine.acquired() == 0);
        assertThat(millisSince(start)).isLessThan(10_000);
    }

    @Test
    void readerTimeDoesNotCountButAStalledReaderLosesItsSession() {
        DuckDbSettings base = Engines.settings(directory, 1, 8, Duration.ofSeconds(5));
        engine = DuckDbEngine.open(new DuckDbSettings(
                base.dataDirectories(),
                base.spillDirectory(),
                base.memoryLimitBytes(),
                2,
                1,
                8,
                base.acquireTimeout(),
                Duration.ofMillis(400)));
        StepVerifier.create(query(Duration.ofMillis(200), "SELECT * FROM range(1000000)"), 1)
                .expectNextCount(1)
                .thenAwait(Duration.ofMillis(300))
                .thenRequest(1)
                .expectNextCount(1)
                .verifyErrorSatisfies(e -> assertCode(e, EngineError.READER_TIMEOUT));
    }

    @Test
    void failureBeforeTheFirstRowTellsItsReason() { // the driver hides it when streaming
        engine = Engines.engine(directory, 1);
        StepVerifier.create(query(Engines.LONG, "SELECT sum(CAST('a' || range AS INT)) FROM range(10000)"))
                .verifyErrorSatisfies(e -> {
                    assertCode(e, EngineError.QUERY_VALUE);
                    assertThat(e).hasMessage("Could not convert string 'a0' to INT32");
                });
        StepVerifier.create(query(Engines.LONG, "SELECT nope FROM range(3)")).verifyErrorSatisfies(e -> {
            assertCode(e, EngineError.UNKNOWN_COLUMN);
            assertThat(((WeirException) e).context()).containsEntry("position", 8);
        });
        StepVerifier.create(query(Engines.LONG, "SELECT nofunction(1)"))
                .verifyErrorSatisfies(e -> assertCode(e, EngineError.SQL_INVALID));
    }

    @Test
    void failureAfterRowsIsNotTakenForTheEnd() { // lesson 36: the driver's chunk interface ends quietly here
        engine = Engines.engine(directory, 1);
        String late = "SELECT CASE WHEN range = 900000 THEN CAST('x' || range AS INT) ELSE 1 END FROM range(1000000)";
        StepVerifier.create(query(Engines.LONG, late))
                .thenConsumeWhile(rows -> true)
                .verifyErrorSatisfies(e -> {
                    assertCode(e, EngineError.QUERY_VALUE);
                    assertThat(e).hasMessage("Could not convert string 'x900000' to INT32");
                });
    }

    @Test
    void memoryLimitHoldsAndSpillsAreRemovedAtStart() throws Exception { // lessons 31, 32
        Path left = directory.resolve("spill/sub/left.tmp");
        Files.createDirectories(left.getParent());
        Files.writeString(left, "x");
        engine = Engines.engine(directory, 1);
        assertThat(left).doesNotExist();
        assertThat(directory.resolve("spill")).exists();
        StepVerifier.create(query(Engines.LONG, "SELECT list(range) FROM range(100000000)"))
                .verifyErrorSatisfies(e -> assertCode(e, EngineError.QUERY_MEMORY));
    }

    @Test
    void spillingIsBounded() { // lesson 32
        DuckDbSettings base = Engines.settings(directory, 1, 8, Duration.ofSeconds(10));
        engine = DuckDbEngine.open(new DuckDbSettings(
                base.dataDirectories(),
                base.spillDirectory(),
                32L << 20,
                2,
                1,
                8,
                base.acquireTimeout(),
                base.readerTimeout(),
                base.heavy(),
                1L << 20));
        assertThat(Engines.rows(engine, "SELECT current_setting('max_temp_directory_size')"))
                .containsExactly(List.of("1.0 MiB"));
        String sorted = "SELECT range, md5(range::VARCHAR) AS m FROM range(3000000) ORDER BY m";
        StepVerifier.create(query(Engines.LONG, sorted).take(1))
                .verifyErrorSatisfies(e -> assertCode(e, EngineError.QUERY_MEMORY));
    }

    @Test
    void aBrokenInstanceIsReplacedWhileItsSessionsEndInPeace() { // findings 3.1
        engine = Engines.engine(directory, 2);
        StepVerifier.create(query(Engines.LONG, "SELECT * FROM range(100000)"), 1)
                .expectNextCount(1)
                .then(() -> {
                    DuckDbInstance broken = engine.instances().acquire();
                    broken.close(); // as after a fatal error, it gives no connection any more
                    engine.instances().release(broken);
                    StepVerifier.create(query(Engines.LONG, "SELECT 1")).verifyError(WeirException.class);
                    engine.suspect();
                    Waiting.until(() -> engine.replaced() == 1);
                    assertThat(Engines.rows(engine, "SELECT 42")).containsExactly(List.of(42));
                })
                .thenRequest(Long.MAX_VALUE)
                .thenConsumeWhile(rows -> true)
                .verifyComplete();
        Waiting.until(() -> engine.status().failures() == 0 || engine.replaced() == 1);
        assertThat(engine.status().ok()).isTrue();
    }

    @Test
    void heavyQueriesTakeTurnsWhileLightOnesPass() { // findings, part C, admission
        engine = DuckDbEngine.open(heavy(new HeavyQueries(1, 1_000, Duration.ofSeconds(60)), 3));
        Disposable first = engine.withSession(Engines.LONG, session -> {
                    assertThat(session.admits(999)).isTrue();
                    assertThat(engine.heavy()).isZero();
                    assertThat(session.admits(1_000)).isTrue();
                    assertThat(session.admits(1_000)).as("what is in may go on").isTrue();
                    return Engines.rows(session, Engines.ENDLESS);
                })
                .subscribe();
        Waiting.until(() -> engine.heavy() == 1);
        assertThat(engine.withSession(Engines.LONG, session -> Flux.just(session.admits(1_000)))
                        .blockLast())
                .isFalse();
        CountDownLatch done = new CountDownLatch(1);
        engine.withHeavySession(Engines.LONG, session -> {
                    assertThat(session.admits(5_000)).isTrue();
                    return Engines.rows(session, "SELECT 1");
                })
                .subscribe(rows -> {}, e -> {}, done::countDown);
        assertThat(engine.heavyPending()).isOne();
        assertThat(engine.acquired()).as("it waits without a session").isOne();
        assertThat(Engines.rows(engine, "SELECT 42")).containsExactly(List.of(42));
        first.dispose();
        assertThat(Waiting.on(done)).isTrue();
        Waiting.until(() -> engine.heavy() == 0);
    }

    @Test
    void aQueryThatWorksForLongCountsAsHeavy() {
        engine = DuckDbEngine.open(heavy(new HeavyQueries(1, 1_000, Duration.ofMillis(50)), 2));
        Disposable running = query(Engines.LONG, Engines.ENDLESS).subscribe();
        Waiting.until(() -> engine.heavy() == 1);
        running.dispose();
        Waiting.until(() -> engine.heavy() == 0);
    }

    private DuckDbSettings heavy(HeavyQueries heavy, int sessions) {
        DuckDbSettings base = Engines.settings(directory, sessions, 8, Duration.ofSeconds(10));
        return new DuckDbSettings(
                base.dataDirectories(),
                base.spillDirectory(),
                base.memoryLimitBytes(),
                base.threads(),
                sessions,
                base.maxPending(),
                base.acquireTimeout(),
                base.readerTimeout(),
                heavy,
                base.spillLimitBytes());
    }

    @Test
    void aReaderThatThrowsLeaksNothing() { // lesson 44; what is left open shows when the test ends
        engine = Engines.engine(directory, 1);
        for (int i = 0; i < 20; i++) {
            int batches = i % 3;
            AtomicLong calls = new AtomicLong();
            StepVerifier.create(engine.withSession(
                            Engines.LONG,
                            session -> session.stream("SELECT range, 'x' FROM range(100000)", List.of(), cursor -> {
                                cursor.advance();
                                if (calls.getAndIncrement() == batches) {
                                    throw new IllegalStateException("an encoder's bug");
                                }
                                return calls.get();
                            })))
                    .expectNextCount(batches)
                    .verifyErrorSatisfies(e -> assertCode(e, EngineError.QUERY_FAILED));
        }
        assertThat(Engines.rows(engine, "SELECT 42")).containsExactly(List.of(42));
    }

    @Test
    void cancelWhileIdleGivesEverythingBack() { // lessons 41, 44: the engine waits for demand that never comes
        engine = Engines.engine(directory, 1);
        StepVerifier.create(query(Engines.LONG, "SELECT * FROM range(100000000)"), 1)
                .expectNextCount(1)
                .thenCancel()
                .verify();
        Waiting.until(() -> engine.acquired() == 0);
        StepVerifier.create(query(Engines.LONG, "SELECT * FROM range(100000000)"), 0)
                .expectSubscription()
                .thenCancel()
                .verify();
        Waiting.until(() -> engine.acquired() == 0);
        assertThat(Engines.rows(engine, "SELECT 42")).containsExactly(List.of(42));
    }

    @Test
    void closingEndsRunningQueries() {
        engine = Engines.engine(directory, 2);
        CountDownLatch failed = new CountDownLatch(1);
        query(Engines.LONG, Engines.ENDLESS).subscribe(r -> {}, e -> {
            assertCode(e, CommonError.SHUTTING_DOWN);
            failed.countDown();
        });
        Waiting.until(() -> engine.acquired() == 1);
        engine.close();
        assertThat(Waiting.on(failed)).isTrue();
        assertThatThrownBy(() -> Engines.rows(engine, "SELECT 1")).isInstanceOf(WeirException.class);
        engine = Engines.engine(directory, 1);
    }

    @Test
    void sessionZoneIsUtc() { // lesson 34
        engine = Engines.engine(directory, 1);
        assertThat(Engines.rows(engine, "SELECT CAST('2024-07-01 12:00:00' AS TIMESTAMPTZ)::VARCHAR"))
                .containsExactly(List.of("2024-07-01 12:00:00+00"));
    }

    private static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }
}
