package io.weir.common.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Checks that back off, count, and decide on readiness. REQUIREMENTS Q3, O3. */
class HealthWatchTest {

    private final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    private final AtomicReference<String> problem = new AtomicReference<>("");
    private final AtomicInteger asked = new AtomicInteger();

    private HealthWatch watch(String name) {
        HealthSettings settings = new HealthSettings(
                Duration.ofSeconds(5), Set.of("wal"), 3, DataSize.ofMegabytes(1), Duration.ofSeconds(60));
        return new HealthWatch(settings, List.of(HealthCheck.of(name, () -> {
            asked.incrementAndGet();
            return problem.get();
        })));
    }

    @Test
    void aRequiredPartMakesItNotReadyAfterMoreFailuresThanAllowed() {
        HealthWatch watch = watch("wal");
        assertThat(watch.isReady()).isTrue();
        problem.set("the disk is gone");
        watch.start(timer);
        assertThat(watch.isReady()).as("after one failure").isTrue();
        assertThat(watch.isWell()).isFalse();
        timer.advanceTimeBy(Duration.ofSeconds(5 * 2 + 5 * 4 + 5 * 8 + 20));
        assertThat(watch.isReady()).isFalse();
        assertThat(watch.status().get("wal").problem()).isEqualTo("the disk is gone");
        assertThat(watch.status().get("wal").failures()).isGreaterThan(3);
        problem.set("");
        timer.advanceTimeBy(Duration.ofSeconds(66));
        assertThat(watch.isReady()).isTrue();
        assertThat(watch.isWell()).isTrue();
        assertThat(watch.status().get("wal").failures()).isZero();
        watch.close();
    }

    @Test
    void pausesGrowToAMinuteAndNoFurther() {
        HealthWatch watch = watch("wal");
        problem.set("no");
        watch.start(timer);
        timer.advanceTimeBy(Duration.ofMinutes(10));
        int before = asked.get();
        timer.advanceTimeBy(Duration.ofMinutes(60));
        assertThat(asked.get() - before).isBetween(54, 68);
        watch.close();
        int closed = asked.get();
        timer.advanceTimeBy(Duration.ofMinutes(60));
        assertThat(asked.get()).isEqualTo(closed);
    }

    @Test
    void aPartThatIsNotRequiredIsOnlyTold() {
        HealthWatch watch = watch("store");
        problem.set("it does not answer");
        watch.start(timer);
        timer.advanceTimeBy(Duration.ofMinutes(30));
        assertThat(watch.isReady()).isTrue();
        assertThat(watch.isWell()).isFalse();
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        watch.bindTo(registry);
        assertThat(registry.get("weir.health.failures.in.a.row")
                        .tag("check", "store")
                        .gauge()
                        .value())
                .isGreaterThan(3);
        assertThat(registry.get("weir.health.ready").gauge().value()).isEqualTo(1);
        watch.close();
    }

    @Test
    void aCheckThatHangsHasFailed() {
        HealthSettings settings = new HealthSettings(
                Duration.ofSeconds(5), Set.of("catalog"), 0, DataSize.ofMegabytes(1), Duration.ofSeconds(60));
        HealthWatch watch = new HealthWatch(settings, List.of(new HealthCheck("catalog", Mono.never())));
        watch.start(timer);
        timer.advanceTimeBy(Duration.ofSeconds(11));
        assertThat(watch.status().get("catalog").problem()).isEqualTo("no answer within 10 s");
        assertThat(watch.isReady()).isFalse();
        watch.close();
    }
}
