package io.weir.storage.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.pool.PooledRef;

/** REQUIREMENTS Q1, Q2, invariant 5. */
@Timeout(30)
class SessionPoolTest {

    private static final Duration SOON = Duration.ofMillis(100);

    @TempDir
    Path directory;

    private final Scheduler timer = Schedulers.newSingle("timer");

    @AfterEach
    void close() {
        timer.dispose();
    }

    private static boolean completes(Mono<Void> closed) {
        return Boolean.TRUE.equals(
                closed.thenReturn(true).timeout(SOON, Mono.just(false)).block());
    }

    @Test
    void closingIsDoneWhenSlotsHaveComeBackAndTheirThreadsHaveNothingLeftToDo() {
        SessionPool pool = new SessionPool(Engines.settings(directory, 2, 2, Duration.ofSeconds(10)), timer);
        PooledRef<SessionSlot> idle = pool.acquire().block();
        PooledRef<SessionSlot> used = pool.acquire().block();
        idle.release().block();
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch working = new CountDownLatch(1);
        used.poolable().worker().schedule(() -> {
            working.countDown();
            boolean open = false;
            while (!open) {
                try {
                    gate.await();
                    open = true;
                } catch (InterruptedException e) {
                    // as the engine does, which is not to be interrupted at any place
                }
            }
        });
        assertThat(Waiting.on(working)).isTrue();
        Mono<Void> closed = pool.close();
        assertThatThrownBy(() -> pool.acquire().block())
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.SHUTTING_DOWN));
        assertThat(completes(closed)).as("while a slot is in use").isFalse();
        used.release().subscribe();
        assertThat(completes(closed)).as("while its thread works").isFalse();
        gate.countDown();
        closed.block(Duration.ofSeconds(10));
    }

    @Test
    void aPoolThatWasNeverUsedIsClosedAtOnce() {
        SessionPool pool = new SessionPool(Engines.settings(directory, 2, 2, Duration.ofSeconds(10)), timer);
        assertThat(completes(pool.close())).isTrue();
    }
}
