package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.sqlite.Function;
import org.sqlite.SQLiteConnection;

/** An SQL function that sees what SQLite really does: on which thread, and for how many rows. */
final class Probe extends Function {
    private final AtomicInteger calls = new AtomicInteger();
    private final Set<String> threads = ConcurrentHashMap.newKeySet();
    private final CountDownLatch started = new CountDownLatch(1);

    Probe(SQLiteConnection jdbc) {
        try {
            Function.create(jdbc, "probe", this);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    protected void xFunc() throws SQLException {
        threads.add(Thread.currentThread().getName());
        calls.incrementAndGet();
        started.countDown();
        result(value_long(0));
    }

    int calls() {
        return calls.get();
    }

    Set<String> threads() {
        return threads;
    }

    void awaitStart() {
        try {
            assertThat(started.await(20, TimeUnit.SECONDS))
                    .as("the statement runs")
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
