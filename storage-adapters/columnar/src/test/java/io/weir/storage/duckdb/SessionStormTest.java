package io.weir.storage.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Thousands of queries that end in every way at every moment leave nothing behind. */
@Timeout(60)
class SessionStormTest {

    private static final int QUERIES = 2_000;
    private static final int AT_ONCE = 12;
    private static final int SESSIONS = 4;

    @TempDir
    Path directory;

    @Test
    void nothingLeaksOverRandomCancelsAndErrors() { // invariant 5, lesson 44
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        DuckDbEngine engine = DuckDbEngine.open(Engines.settings(directory, SESSIONS, AT_ONCE, Duration.ofSeconds(20)));
        AtomicInteger ended = new AtomicInteger();
        Flux.range(0, QUERIES)
                .map(i -> new long[] {random.nextInt(6), random.nextInt(20_000)})
                .flatMap(
                        choice -> one(engine, (int) choice[0], choice[1])
                                .onErrorResume(e -> Mono.empty())
                                .doFinally(signal -> ended.incrementAndGet()),
                        AT_ONCE)
                .blockLast(Duration.ofSeconds(55));
        Waiting.until(() -> ended.get() == QUERIES); // the last one is counted after it has ended
        Waiting.until(() -> engine.acquired() == 0);
        Waiting.until(() -> engine.created() == engine.destroyed());
        assertThat(engine.pending()).isZero();
        assertThat(engine.hotTables()).isZero();
        assertThat(engine.arrowBytes()).isZero();
        assertThat(Engines.rows(engine, "SELECT 42")).containsExactly(List.of(42));
        engine.close();
        assertThat(Waiting.threadsNamed("weir-query")).isEmpty();
    }

    private static Mono<Long> one(DuckDbEngine engine, int kind, long micros) {
        Duration soon = Duration.ofNanos(micros * 1_000);
        return switch (kind) {
            case 0 -> query(engine, Engines.LONG, "SELECT sum(v) FROM m").count();
            case 1 ->
                query(engine, Engines.LONG, "SELECT * FROM m, range(2000)")
                        .take(1)
                        .count();
            case 2 ->
                query(engine, Engines.LONG, "SELECT CAST('x' || v AS INT) FROM m")
                        .count();
            case 3 -> query(engine, soon.plusMillis(1), Engines.ENDLESS).count();
            case 4 -> cancelled(query(engine, Engines.LONG, Engines.ENDLESS), soon);
            default -> cancelled(query(engine, Engines.LONG, "SELECT * FROM m, range(2000)"), soon);
        };
    }

    private static Mono<Long> cancelled(Flux<?> query, Duration after) {
        return query.takeUntilOther(Mono.delay(after, Schedulers.parallel())).count();
    }

    private static Flux<List<List<Object>>> query(DuckDbEngine engine, Duration limit, String sql) {
        return engine.withSession(
                limit,
                session -> session.run(connection -> {
                            connection.bind(
                                    "m",
                                    Batches.SCHEMA,
                                    column -> true,
                                    List.of(),
                                    List.of(Batches.numbered(0, 3_000)));
                            return 1;
                        })
                        .thenMany(Flux.defer(() -> Engines.rows(session, sql))));
    }
}
