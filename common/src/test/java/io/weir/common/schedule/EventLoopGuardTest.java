package io.weir.common.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.resources.LoopResources;

/** REQUIREMENTS T5, invariant 4: the guard that every other test relies on is really on. */
class EventLoopGuardTest {

    @Test
    void blockingAnEventLoopFailsTheTestThatDoesIt() throws Exception {
        LoopResources loops = LoopResources.create("guard", 1, true);
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        loops.onServer(false).next().execute(() -> {
            try {
                new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS);
                seen.complete(new AssertionError("nothing stopped the blocking call"));
            } catch (Throwable e) {
                seen.complete(e);
            }
        });
        assertThat(seen.get(10, TimeUnit.SECONDS)).isInstanceOf(BlockingOperationError.class);
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block();
    }

    @Test
    void decodeThreadsMayNotBlockAndFlushThreadsMay() {
        try (WeirSchedulers schedulers = WeirSchedulers.forCores(2)) {
            assertThat(blockOn(schedulers.decode())).isInstanceOf(BlockingOperationError.class);
            assertThat(blockOn(schedulers.flush())).isNull();
            assertThat(blockOn(schedulers.io())).isNull();
        }
    }

    private static Throwable blockOn(Scheduler scheduler) {
        return Mono.<Throwable>fromCallable(() -> {
                    try {
                        new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS);
                        return null;
                    } catch (BlockingOperationError e) {
                        return e;
                    }
                })
                .subscribeOn(scheduler)
                .block(Duration.ofSeconds(10));
    }
}
