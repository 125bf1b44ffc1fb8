package io.weir.ingest.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** REQUIREMENTS P5. */
class DeadlineQueueTest {

    @Test
    void theEarliestComesFirstAndOnlyWhenItsTimeHasCome() {
        DeadlineQueue<String> queue = new DeadlineQueue<>();
        queue.offerIfAbsent("late", 300);
        queue.offerIfAbsent("early", 100);
        queue.offerIfAbsent("middle", 200);
        assertThat(queue.pollDue(99)).isNull();
        assertThat(queue.nanosToNext(40)).isEqualTo(Optional.of(60L));
        assertThat(queue.pollDue(250)).isEqualTo("early");
        assertThat(queue.pollDue(250)).isEqualTo("middle");
        assertThat(queue.pollDue(250)).isNull();
        assertThat(queue.pollDue(300)).isEqualTo("late");
        assertThat(queue.nanosToNext(0)).isEmpty();
    }

    @Test
    void aThingKeepsItsFirstDeadlineUntilItIsRemoved() {
        DeadlineQueue<String> queue = new DeadlineQueue<>();
        assertThat(queue.offerIfAbsent("a", 10)).isTrue();
        assertThat(queue.offerIfAbsent("a", 1)).isFalse();
        assertThat(queue.remove("a")).isTrue();
        assertThat(queue.remove("a")).isFalse();
        assertThat(queue.pollDue(100)).isNull();
    }

    @Test
    void deadlinesSurviveTheWrapOfNanoTime() {
        DeadlineQueue<String> queue = new DeadlineQueue<>();
        queue.offerIfAbsent("after the wrap", Long.MIN_VALUE + 5);
        queue.offerIfAbsent("before the wrap", Long.MAX_VALUE - 5);
        assertThat(queue.pollDue(Long.MAX_VALUE - 5)).isEqualTo("before the wrap");
        assertThat(queue.pollDue(Long.MAX_VALUE - 5)).isNull();
        assertThat(queue.pollDue(Long.MIN_VALUE + 5)).isEqualTo("after the wrap");
    }

    @Test
    void randomOperationsAgreeWithANaiveModel() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        DeadlineQueue<Integer> queue = new DeadlineQueue<>();
        Map<Integer, Long> model = new HashMap<>();
        for (int step = 0; step < 200_000; step++) {
            int value = random.nextInt(500);
            long deadline = random.nextInt(1_000);
            switch (random.nextInt(3)) {
                case 0 ->
                    assertThat(queue.offerIfAbsent(value, deadline))
                            .isEqualTo(model.putIfAbsent(value, deadline) == null);
                case 1 -> assertThat(queue.remove(value)).isEqualTo(model.remove(value) != null);
                default -> {
                    Integer due = queue.pollDue(deadline);
                    long earliest =
                            model.values().stream().mapToLong(d -> d).min().orElse(Long.MAX_VALUE);
                    if (due == null) {
                        assertThat(earliest).isGreaterThan(deadline);
                    } else {
                        assertThat(model.remove(due)).isEqualTo(earliest).isLessThanOrEqualTo(deadline);
                    }
                }
            }
            assertThat(queue.size()).isEqualTo(model.size());
        }
    }

    @Test
    void aWaiterWakesForAnEarlierDeadline() throws InterruptedException {
        DeadlineQueue<String> queue = new DeadlineQueue<>();
        CountDownLatch woken = new CountDownLatch(1);
        Thread waiter = new Thread(() -> {
            try {
                while (queue.size() == 0) {
                    queue.awaitEarlier(TimeUnit.MINUTES.toNanos(5));
                }
                woken.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        waiter.start();
        queue.offerIfAbsent("now", System.nanoTime());
        assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
        waiter.join();
    }
}
