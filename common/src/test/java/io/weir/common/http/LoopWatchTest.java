package io.weir.common.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An event loop that is stuck is noticed while it is, and counted when it goes on. REQUIREMENTS T5. */
class LoopWatchTest {

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

    @AfterEach
    void stop() throws Exception {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(5);
        }
    }

    @Test
    void aStuckLoopIsSeenAndCounted() throws Exception {
        AtomicLong longest = new AtomicLong();
        AtomicLong probes = new AtomicLong();
        try (LoopWatch watch = new LoopWatch(Duration.ofMillis(20))) {
            watch.delaysTo(nanos -> {
                longest.accumulateAndGet(nanos, Math::max);
                probes.incrementAndGet();
            });
            EventLoop loop = group.next();
            watch.follow(loop);
            watch.follow(loop);
            watch.follow(group.next());
            assertThat(watch.loops()).isEqualTo(2);
            await(() -> probes.get() > 5);
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            watch.bindTo(registry);
            AtomicBoolean stuck = new AtomicBoolean(true);
            loop.execute(() -> {
                while (stuck.get()) { // waiting is forbidden there, computing is not
                    probes.get();
                }
            });
            await(() -> watch.stall().toMillis() > 150);
            watch.look();
            assertThat(registry.get("weir.loop.stall").timeGauge().value(TimeUnit.SECONDS))
                    .isGreaterThan(0.1);
            long before = watch.stalls();
            stuck.set(false);
            await(() -> watch.stalls() > before);
            assertThat(longest.get()).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(150));
        }
    }
}
