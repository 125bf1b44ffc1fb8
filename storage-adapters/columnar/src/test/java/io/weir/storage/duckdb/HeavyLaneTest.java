package io.weir.storage.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Findings, part C, admission; requirement Q2. */
@Timeout(60)
class HeavyLaneTest {

    private final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void close() {
        timer.dispose();
    }

    private HeavyLane lane(int width, int maxPending) {
        return new HeavyLane(width, maxPending, Duration.ofSeconds(5), timer);
    }

    private Disposable enter(HeavyLane lane, String name, List<HeavyLane.Place> places) {
        return lane.enter()
                .subscribe(
                        place -> {
                            told.add(name);
                            places.add(place);
                        },
                        e -> told.add(name + " " + ((WeirException) e).code().id()));
    }

    @Test
    void placesAreGivenInOrderAndOnlyOnceBack() {
        HeavyLane lane = lane(1, 8);
        List<HeavyLane.Place> places = new ArrayList<>();
        enter(lane, "a", places);
        enter(lane, "b", places);
        enter(lane, "c", places);
        assertThat(told).containsExactly("a");
        assertThat(lane.pending()).isEqualTo(2);
        assertThat(lane.tryEnter()).isNull();
        places.get(0).leave();
        places.get(0).leave();
        assertThat(told).containsExactly("a", "b");
        places.get(1).leave();
        places.get(2).leave();
        assertThat(told).containsExactly("a", "b", "c");
        assertThat(lane.inside()).isZero();
        assertThat(lane.tryEnter()).isNotNull();
    }

    @Test
    void whileShutNobodyNewEntersAndThoseWhoWaitDo() { // REQUIREMENTS O3
        HeavyLane lane = lane(1, 8);
        List<HeavyLane.Place> places = new ArrayList<>();
        enter(lane, "a", places);
        enter(lane, "b", places);
        lane.shut(true);
        enter(lane, "c", places);
        assertThat(told).containsExactly("a", "c " + CommonError.OVERLOADED.id());
        places.get(0).leave();
        assertThat(told).contains("b");
        places.get(1).leave();
        assertThat(lane.tryEnter()).isNull();
        lane.shut(false);
        assertThat(lane.tryEnter()).isNotNull();
    }

    @Test
    void waitingEndsAtTheDeadlineAndTooManyAreRefusedAtOnce() {
        HeavyLane lane = lane(1, 1);
        List<HeavyLane.Place> places = new ArrayList<>();
        enter(lane, "a", places);
        enter(lane, "b", places);
        enter(lane, "c", places);
        assertThat(told).containsExactly("a", "c " + CommonError.OVERLOADED.id());
        timer.advanceTimeBy(Duration.ofMillis(4_999));
        assertThat(told).hasSize(2);
        timer.advanceTimeBy(Duration.ofMillis(1));
        assertThat(told).endsWith("b " + CommonError.OVERLOADED.id());
        assertThat(lane.pending()).isZero();
        assertThat(lane.refused()).isEqualTo(2);
        places.get(0).leave();
        assertThat(lane.inside()).isZero();
    }

    @Test
    void whoeverGoesAwayWhileWaitingGetsNoPlace() {
        HeavyLane lane = lane(1, 8);
        List<HeavyLane.Place> places = new ArrayList<>();
        enter(lane, "a", places);
        Disposable gone = enter(lane, "b", places);
        enter(lane, "c", places);
        gone.dispose();
        assertThat(lane.pending()).isOne();
        places.get(0).leave();
        assertThat(told).containsExactly("a", "c");
    }

    @Test
    void queriesThatTurnOutHeavyMakeOthersWaitTheLonger() {
        HeavyLane lane = lane(1, 8);
        HeavyLane.Place first = lane.join();
        HeavyLane.Place second = lane.join();
        List<HeavyLane.Place> places = new ArrayList<>();
        enter(lane, "a", places);
        assertThat(lane.inside()).isEqualTo(2);
        first.leave();
        assertThat(told).isEmpty();
        second.leave();
        assertThat(told).containsExactly("a");
    }

    @Test
    void nothingIsLostWhenPlacesAndCancelsMeet() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        HeavyLane lane = lane(2, 64);
        AtomicInteger most = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        for (int thread = 0; thread < 4; thread++) {
            Random random = new Random(seed + thread);
            threads.execute(() -> {
                for (int i = 0; i < 20_000; i++) {
                    Disposable one = lane.enter()
                            .flatMap(place -> Mono.fromRunnable(() -> {
                                most.accumulateAndGet(lane.inside(), Math::max);
                                place.leave();
                            }))
                            .subscribe(nothing -> {}, refused -> {});
                    if (random.nextBoolean()) {
                        one.dispose();
                    }
                }
            });
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(50, TimeUnit.SECONDS)).isTrue();
        assertThat(lane.inside()).isZero();
        assertThat(lane.pending()).isZero();
        assertThat(most.get()).isBetween(1, 2);
    }
}
