package io.weir.common.supervise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Background work is supervised: requirement L5. */
class SupervisorTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_000_000);

    private final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<String> log = new ArrayList<>();

    @AfterEach
    void dispose() {
        timer.dispose();
    }

    private Supervisor supervisor(BackgroundLoop... loops) {
        return new Supervisor(List.of(loops), timer, Clock.fixed(NOW, ZoneOffset.UTC), registry, () -> 0);
    }

    private record Loop(String name, Duration interval, Supplier<Mono<Turn>> work, Mono<Void> prepare, List<String> log)
            implements BackgroundLoop {

        @Override
        public Mono<Turn> turn() {
            log.add(name);
            return work.get();
        }

        @Override
        public void awaitQuiet() {
            log.add(name + " stopped");
        }
    }

    private Loop loop(String name, Supplier<Mono<Turn>> work) {
        return new Loop(name, Duration.ofSeconds(10), work, Mono.empty(), log);
    }

    private double count(String loop, String outcome) {
        return registry.get("weir.background.turns")
                .tag("loop", loop)
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private double gauge(String name, String loop) {
        return registry.get(name).tag("loop", loop).gauge().value();
    }

    @Test
    void aTurnComesAfterEachInterval() {
        try (Supervisor supervisor = supervisor(loop("a", () -> Mono.just(Turn.DONE)))) {
            supervisor.start();
            timer.advanceTimeBy(Duration.ofSeconds(9));
            assertThat(log).isEmpty();
            timer.advanceTimeBy(Duration.ofSeconds(22));
            assertThat(log).containsExactly("a", "a", "a");
            assertThat(count("a", "done")).isEqualTo(3);
            assertThat(gauge("weir.background.last.success", "a")).isEqualTo(1_000_000);
            assertThat(supervisor.status()).containsExactly(new LoopStatus("a", false, NOW, 0, null));
        }
    }

    @Test
    void aTurnThatLeftWorkIsFollowedByAnotherAtOnce() {
        try (Supervisor supervisor =
                supervisor(loop("a", () -> Mono.just(log.size() < 5 ? Turn.MORE : Turn.SKIPPED)))) {
            supervisor.start();
            timer.advanceTimeBy(Duration.ofSeconds(10));
            assertThat(log).hasSize(5);
            assertThat(count("a", "more")).isEqualTo(4);
            assertThat(count("a", "skipped")).isEqualTo(1);
        }
    }

    @Test
    void aFailureIsCountedToldAndTriedAgainAfterAPauseThatDoublesUpToAMinute() {
        boolean[] broken = {true};
        try (Supervisor supervisor = supervisor(loop("a", () -> {
            if (broken[0]) {
                throw new IllegalStateException("the disk is away");
            }
            return Mono.just(Turn.DONE);
        }))) {
            supervisor.start();
            timer.advanceTimeBy(Duration.ofSeconds(10));
            int turns = 1;
            for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
                timer.advanceTimeBy(Duration.ofSeconds(seconds).minusMillis(1));
                assertThat(log).hasSize(turns);
                timer.advanceTimeBy(Duration.ofMillis(1));
                assertThat(log).as("after %s s", seconds).hasSize(++turns);
            }
            assertThat(count("a", "failed")).isEqualTo(9);
            assertThat(gauge("weir.background.failures.in.a.row", "a")).isEqualTo(9);
            assertThat(supervisor.status()).containsExactly(new LoopStatus("a", false, null, 9, "the disk is away"));
            broken[0] = false;
            timer.advanceTimeBy(Duration.ofSeconds(60));
            assertThat(supervisor.status()).containsExactly(new LoopStatus("a", false, NOW, 0, null));
            timer.advanceTimeBy(Duration.ofSeconds(10));
            assertThat(log).hasSize(11);
        }
    }

    @Test
    void pausesDifferByChance() {
        Backoff backoff = new Backoff(() -> 0.5);
        assertThat(backoff.afterFailures(1)).isEqualTo(Duration.ofMillis(750));
        assertThat(backoff.afterFailures(1_000)).isEqualTo(Duration.ofSeconds(45));
        assertThat(backoff.afterSuccess(Duration.ofSeconds(100))).isEqualTo(Duration.ofSeconds(95));
    }

    @Test
    void aTurnThatHangsIsCancelledAndHasFailed() {
        boolean[] cancelled = {false};
        try (Supervisor supervisor =
                supervisor(loop("a", () -> Mono.<Turn>never().doOnCancel(() -> cancelled[0] = true)))) {
            supervisor.start();
            timer.advanceTimeBy(Duration.ofSeconds(10));
            assertThat(supervisor.status().get(0).running()).isTrue();
            timer.advanceTimeBy(Duration.ofHours(1));
            assertThat(cancelled[0]).isTrue();
            assertThat(count("a", "failed")).isEqualTo(1);
        }
    }

    @Test
    void aLoopThatFailsDisturbsNoOther() {
        try (Supervisor supervisor = supervisor(
                loop("bad", () -> Mono.error(new IllegalStateException("no"))),
                loop("good", () -> Mono.just(Turn.DONE)))) {
            supervisor.start();
            timer.advanceTimeBy(Duration.ofSeconds(30));
            assertThat(count("good", "done")).isEqualTo(3);
        }
    }

    @Test
    void aPreparationThatFailsStopsTheStart() {
        BackgroundLoop broken = new Loop(
                "broken",
                Duration.ofSeconds(1),
                () -> Mono.just(Turn.DONE),
                Mono.error(new IllegalStateException("no table")),
                log);
        try (Supervisor supervisor = supervisor(loop("a", () -> Mono.just(Turn.DONE)), broken)) {
            assertThatThrownBy(supervisor::start).hasMessageContaining("no table");
            timer.advanceTimeBy(Duration.ofMinutes(1));
            assertThat(log).isEmpty();
        }
    }

    @Test
    void loopsStopInTheOtherOrderAndNoTurnComesAfterwards() {
        boolean[] cancelled = {false};
        Supervisor supervisor = supervisor(
                loop("first", () -> Mono.just(Turn.DONE)),
                loop("second", () -> Mono.<Turn>never().doOnCancel(() -> cancelled[0] = true)));
        supervisor.start();
        timer.advanceTimeBy(Duration.ofSeconds(10));
        log.clear();
        supervisor.close();
        assertThat(log).containsExactly("second stopped", "first stopped");
        assertThat(cancelled[0]).isTrue();
        assertThat(supervisor.status().get(1).running()).isFalse();
        timer.advanceTimeBy(Duration.ofMinutes(5));
        assertThat(log).hasSize(2);
    }

    @Test
    void namesAreDistinct() {
        assertThatThrownBy(() ->
                        supervisor(loop("a", () -> Mono.just(Turn.DONE)), loop("a", () -> Mono.just(Turn.DONE))))
                .hasMessageContaining("[a, a]");
    }
}
