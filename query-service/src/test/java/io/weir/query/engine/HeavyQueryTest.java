package io.weir.query.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.TableId;
import io.weir.query.TestTables;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import io.weir.storage.duckdb.HeavyQueries;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Queries that would read many rows take turns, and hold nothing meanwhile (findings, part C, admission). */
@Timeout(60)
class HeavyQueryTest {

    private static final String ENDLESS =
            "SELECT count(*) FROM %s, range(100000000) a, range(100000000) b WHERE hash(a.range + b.range + n) = 1";

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
                3,
                2,
                Duration.ofMillis(400),
                Duration.ofSeconds(30),
                new HeavyQueries(1, 50, Duration.ofMinutes(5)),
                1L << 30));
        runner = new QueryRunner(engine, tables, new TableResolver(tables, new SnapshotReader(tables, tables)), true);
        TableId many = tables.create("main", "many");
        tables.write(many, 0, 30);
        tables.flush(many);
        tables.write(many, 30, 30); // in files and hot together
        tables.write(tables.create("main", "few"), 0, 49);
    }

    @AfterEach
    void close() {
        // The place in the lane is left a moment after the session.
        until(() -> engine.acquired() == 0 && engine.heavy() == 0 && engine.heavyPending() == 0);
        engine.close();
    }

    private Flux<String> query(String sql) {
        Query query = new Query(
                Principal.unrestricted(TestTables.ORGANISATION, "tester"),
                "main",
                sql,
                QueryParameters.none(),
                Duration.ofSeconds(30));
        return runner.run(query, ResultFormat.NDJSON.encoder(new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE), 0))
                .map(chunk -> new String(chunk, StandardCharsets.UTF_8));
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Test
    void theyWaitForTheirTurnWithoutASessionWhileLightOnesPass() {
        Disposable first = query(ENDLESS.formatted("many")).subscribe();
        until(() -> engine.heavy() == 1);
        AtomicReference<String> second = new AtomicReference<>();
        tables.write(new TableId(TestTables.ORGANISATION, "main", "many"), 60, 1);
        query("SELECT count(*) AS c FROM many").retry().subscribe(second::set);
        until(() -> engine.heavyPending() == 1);
        until(() -> engine.acquired() == 1);
        assertThat(query("SELECT count(*) AS c FROM few").blockFirst()).isEqualTo("{\"c\":49}\n");
        first.dispose();
        until(() -> second.get() != null);
        assertThat(second.get()).isEqualTo("{\"c\":61}\n");
    }

    @Test
    void waitingInVainIsAnOverload() {
        Disposable first = query(ENDLESS.formatted("many")).subscribe();
        until(() -> engine.heavy() == 1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        query("SELECT count(*) FROM many").subscribe(text -> {}, failure::set);
        until(() -> failure.get() != null);
        assertThat(failure.get()).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code()).isEqualTo(CommonError.OVERLOADED);
            assertThat(e).hasMessage("no place for a heavy query became free within 400 ms");
        });
        assertThat(engine.heavyRefused()).isOne();
        first.dispose();
    }

    @Test
    void aPlanIsNeverHeavyUnlessItIsRun() {
        Disposable first = query(ENDLESS.formatted("many")).subscribe();
        until(() -> engine.heavy() == 1);
        assertThat(query("EXPLAIN SELECT count(*) FROM many").collectList().block())
                .isNotEmpty();
        first.dispose();
    }

    @Test
    void goingAwayWhileWaitingLeavesNothingBehind() {
        Disposable first = query(ENDLESS.formatted("many")).subscribe();
        until(() -> engine.heavy() == 1);
        Disposable second = query("SELECT count(*) FROM many").subscribe();
        until(() -> engine.heavyPending() == 1);
        second.dispose();
        assertThat(engine.heavyPending()).isZero();
        first.dispose();
        until(() -> engine.heavy() == 0);
        assertThat(query("SELECT count(*) AS c FROM many").blockFirst()).isEqualTo("{\"c\":60}\n");
    }
}
