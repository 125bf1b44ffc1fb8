package io.weir.query.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.TableId;
import io.weir.query.TestTables;
import io.weir.query.result.compress.ResultCompression;
import io.weir.storage.duckdb.EngineError;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

/** Equal queries at one time: one run, and each of those who asked is alone in how it waits and leaves (C1). */
@Timeout(120)
class SharedRunTest {

    /** Takes the engine long enough for others to come, and its rows are one. */
    private static final String SLOW = "SELECT sum(a.n * b.n) AS s FROM cpu a, cpu b, range(40) r";

    private static final String ENDLESS =
            "SELECT count(*) FROM cpu, range(100000000) a, range(100000000) b WHERE hash(a.range + b.range) = 1";
    private static final String LARGE = "SELECT md5(range::VARCHAR) AS h FROM cpu, range(200000) WHERE n = 0";

    @TempDir
    Path directory;

    private CacheRig rig;

    @BeforeEach
    void open() {
        rig = new CacheRig(directory, CacheRig.settings(1 << 20, 200_000, 100, 100));
        TableId cpu = rig.tables.create(CacheRig.DATABASE, "cpu");
        rig.tables.write(cpu, 0, 1_000);
    }

    @AfterEach
    void close() {
        await().atMost(Duration.ofSeconds(30)).until(() -> rig.cache.running() == 0 && rig.engine.acquired() == 0);
        assertThat(rig.tables.heldParts()).isZero();
        assertThat(rig.cache.gatheringBytes()).isZero();
        rig.close();
    }

    private CacheRequest timed(String sql, Duration timeout) {
        return rig.request(TestTables.ORGANISATION, sql, ResultCompression.NONE, Long.MAX_VALUE, timeout);
    }

    private CompletableFuture<CacheRig.Answer> later(CacheRequest request) {
        AnswerSource source = new AnswerSource();
        return rig.cache
                .answer(request, source)
                .collectList()
                .map(chunks -> new CacheRig.Answer(
                        source.kind(),
                        CacheRig.joined(reactor.core.publisher.Flux.fromIterable(chunks)),
                        source.rows(request.limit()),
                        false))
                .toFuture();
    }

    @Test
    void equalQueriesAtOneTimeAreOneRun() throws Exception {
        List<CompletableFuture<CacheRig.Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(later(rig.request(SLOW)));
        }
        CacheRig.Answer first = answers.get(0).get();
        for (CompletableFuture<CacheRig.Answer> answer : answers) {
            assertThat(answer.get().text()).isEqualTo(first.text());
        }
        assertThat(rig.runs).hasValue(1);
        assertThat(rig.cache.stats().misses()).isEqualTo(1);
        assertThat(rig.cache.stats().hits()).isEqualTo(49);
    }

    @Test
    void oneWhoAsksAfterAWriteGetsItAlsoWhileAnOlderRunGoesOn() throws Exception {
        rig.ask("SELECT count(*) AS c FROM cpu"); // both statements are known
        String sql =
                "SELECT count(*) AS c, max(hash(a.range + b.range)) AS h FROM cpu, range(3000) a, range(1000) b WHERE n < 4";
        rig.ask(sql);
        TableId cpu = new TableId(TestTables.ORGANISATION, CacheRig.DATABASE, "cpu");
        for (int round = 0; round < 5; round++) {
            rig.tables.write(cpu, 2_000 + 2 * round, 1); // so that there is something to run
            CompletableFuture<CacheRig.Answer> older = later(rig.request(sql));
            rig.tables.write(cpu, 0, 1); // n = 0: three million more
            CacheRig.Answer newer = rig.ask(sql);
            assertThat(newer.text()).isEqualTo(rig.uncached(sql));
            older.get();
        }
    }

    @Test
    void oneWhoLeavesEndsTheRunOnlyIfNobodyElseWaits() throws Exception {
        Disposable leader =
                rig.cache.answer(rig.request(SLOW), new AnswerSource()).subscribe();
        CompletableFuture<CacheRig.Answer> second = later(rig.request(SLOW));
        Disposable third =
                rig.cache.answer(rig.request(SLOW), new AnswerSource()).subscribe();
        leader.dispose();
        third.dispose();
        assertThat(second.get().text()).startsWith("{\"s\":");
        assertThat(rig.runs).hasValue(1);
        assertThat(rig.cache.stats().size()).isEqualTo(1);
    }

    @Test
    void whenAllHaveLeftTheEngineStops() {
        List<Disposable> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(rig.cache.answer(rig.request(ENDLESS), new AnswerSource()).subscribe());
        }
        await().until(() -> rig.engine.acquired() == 1);
        all.forEach(Disposable::dispose);
        await().atMost(Duration.ofSeconds(30)).until(() -> rig.engine.acquired() == 0);
    }

    @Test
    void eachWaitsNoLongerThanItsOwnTimeout() throws Exception {
        CompletableFuture<CacheRig.Answer> patient = later(timed(ENDLESS, Duration.ofSeconds(6)));
        await().until(() -> rig.engine.acquired() == 1);
        StepVerifier.create(rig.cache.answer(timed(ENDLESS, Duration.ofMillis(300)), new AnswerSource()))
                .expectErrorSatisfies(
                        e -> assertThat(((WeirException) e).code()).isEqualTo(EngineError.QUERY_TIMEOUT))
                .verify(Duration.ofSeconds(5));
        assertThat(patient).isNotDone();
        assertThatThrownBy(patient::get).hasMessageContaining("did not finish within 6000 ms of work");
    }

    @Test
    void theFailureOfAStatementIsEverybodysAndItIsRunOnce() {
        String failing = "SELECT CAST(md5(max(a.n * b.n)::VARCHAR) AS INTEGER) AS x FROM cpu a, cpu b, range(20) r";
        List<CompletableFuture<CacheRig.Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(later(rig.request(failing)));
        }
        for (CompletableFuture<CacheRig.Answer> answer : answers) {
            assertThatThrownBy(answer::get).hasMessageContaining("Could not convert string");
        }
        assertThat(rig.runs.get()).isLessThanOrEqualTo(2);
        assertThat(rig.cache.stats().sets()).isZero();
    }

    @Test
    void whoMayNotReadAMeasurementIsNotGivenTheRunOfOneWhoMay() throws Exception { // C3
        CompletableFuture<CacheRig.Answer> first = later(rig.request(CacheRig.reader("main"), SLOW));
        CompletableFuture<CacheRig.Answer> second = later(rig.request(CacheRig.reader("other"), SLOW));
        CompletableFuture<CacheRig.Answer> third = later(rig.request(CacheRig.reader("ma*"), SLOW));
        assertForbidden(second);
        assertThat(third.get().text()).isEqualTo(first.get().text());
        assertThat(rig.runs).hasValue(1);
        assertThat(rig.cache.stats().hits()).isEqualTo(1);
        assertForbidden(later(rig.request(CacheRig.reader("other"), SLOW))); // of what is kept by now
        assertThat(rig.cache.stats().hits()).isEqualTo(1);
        assertThat(rig.ask(rig.request(CacheRig.reader("main"), SLOW)).kind()).isEqualTo(AnswerSource.Kind.HIT);
    }

    @Test
    void whatOneMayNotReadFailsForThatOneAlone() throws Exception { // C3
        for (int round = 0; round < 20; round++) {
            String sql = "SELECT count(*) AS c" + round + " FROM main.cpu";
            CompletableFuture<CacheRig.Answer> first = later(rig.request(CacheRig.reader("other"), sql));
            CompletableFuture<CacheRig.Answer> second = later(rig.request(CacheRig.reader("main"), sql));
            assertForbidden(first);
            assertThat(second.get().text()).isEqualTo("{\"c" + round + "\":1000}\n");
        }
    }

    private static void assertForbidden(CompletableFuture<CacheRig.Answer> answer) {
        assertThatThrownBy(answer::get)
                .cause()
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.FORBIDDEN));
    }

    @Test
    void resultsThatTurnOutTooLargeAreRunByEachAndArriveWhole() throws Exception {
        List<CompletableFuture<CacheRig.Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            answers.add(later(rig.request(LARGE)));
        }
        for (CompletableFuture<CacheRig.Answer> answer : answers) {
            assertThat(answer.get().text().lines().count()).isEqualTo(200_000);
        }
        assertThat(rig.cache.stats().size()).isZero();
        assertThat(rig.runs).hasValue(4);
    }

    @Test
    void aSlowLeaderHoldsUpNobodyAndStillGetsEverything() throws Exception {
        String some = "SELECT md5(range::VARCHAR) AS h FROM cpu, range(2000) WHERE n = 0";
        AtomicInteger bytes = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        StepVerifier.Step<byte[]> slow = StepVerifier.create(
                        rig.cache
                                .answer(rig.request(some), new AnswerSource())
                                .doOnNext(chunk -> bytes.addAndGet(chunk.length))
                                .doOnComplete(done::countDown),
                        0)
                .expectSubscription()
                .then(() -> {
                    CompletableFuture<CacheRig.Answer> other = later(rig.request(some));
                    assertThat(other.join().text().lines().count()).isEqualTo(2_000);
                    assertThat(bytes).hasValue(0);
                })
                .thenRequest(Long.MAX_VALUE)
                .thenConsumeWhile(chunk -> true);
        slow.expectComplete().verify(Duration.ofSeconds(60));
        done.await();
        assertThat(bytes.get()).isEqualTo(rig.uncached(some).length());
        assertThat(rig.cache.stats().sets()).isEqualTo(1);
    }

    @Test
    void aLargeResultIsMadeAtTheLeadersPace() {
        AtomicInteger chunks = new AtomicInteger();
        reactor.core.publisher.BaseSubscriber<byte[]> reader = new reactor.core.publisher.BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                // asks for nothing yet
            }

            @Override
            protected void hookOnNext(byte[] chunk) {
                chunks.incrementAndGet();
            }
        };
        CacheRequest request = rig.request("SELECT md5(range::VARCHAR) AS h FROM range(10000000)"); // 400 MB
        rig.cache.answer(request, new AnswerSource()).subscribe(reader);
        await().until(() -> rig.cache.stats().tooLarge() == 1);
        long before = request.limit().rows();
        reader.request(3);
        await().until(() -> chunks.get() == 3);
        assertThat(request.limit().rows()).isLessThan(before + 20_000).isLessThan(200_000);
        reader.cancel();
    }

    @Test
    void randomLeaversLeaveNothing() throws Exception {
        long seed = System.nanoTime();
        java.util.Random random = new java.util.Random(seed);
        List<Disposable> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            String sql = switch (random.nextInt(4)) {
                case 0 -> "SELECT sum(a.n * b.n) AS s FROM cpu a, cpu b WHERE a.n < " + random.nextInt(3);
                case 1 -> LARGE;
                case 2 -> "SELECT nothing FROM cpu";
                default -> "SELECT count(*) AS c FROM cpu";
            };
            ResultCompression compression = ResultCompression.values()[random.nextInt(3)];
            CacheRequest request =
                    rig.request(TestTables.ORGANISATION, sql, compression, Long.MAX_VALUE, Duration.ofSeconds(60));
            all.add(rig.cache
                    .answer(request, new AnswerSource())
                    .doFinally(signal -> {
                        if (request.compressor() != null) {
                            request.compressor().close();
                        }
                    })
                    .subscribe(
                            chunk -> {}, e -> assertThat(e).as("seed %d", seed).isInstanceOf(WeirException.class)));
            if (random.nextInt(3) > 0) {
                all.remove(random.nextInt(all.size())).dispose();
            }
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> all.stream().allMatch(Disposable::isDisposed));
    }
}
