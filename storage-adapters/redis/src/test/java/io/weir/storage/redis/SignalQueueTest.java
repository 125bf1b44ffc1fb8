package io.weir.storage.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.signal.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.test.StepVerifier;

class SignalQueueTest {

    private static final long MOST = 1_000;

    private final AtomicReference<SignalQueue> queue = new AtomicReference<>();
    private final LongAdder dropped = new LongAdder();

    private Flux<Signal> listened() {
        return Flux.create(
                sink -> {
                    SignalQueue made = new SignalQueue(sink, MOST, dropped);
                    queue.set(made);
                    made.start();
                },
                FluxSink.OverflowStrategy.ERROR);
    }

    private void say(int number) {
        queue.get().add(new byte[] {(byte) number});
    }

    private static int number(Signal signal) {
        return signal instanceof Signal.Message message ? message.bytes()[0] : -1;
    }

    @Test
    void aListenerGetsWhatItAsksForInOrder() {
        StepVerifier.create(listened().map(SignalQueueTest::number), 0)
                .then(() -> say(1))
                .then(() -> say(2))
                .thenRequest(1)
                .expectNext(1)
                .thenRequest(5)
                .expectNext(2)
                .then(() -> queue.get().missed())
                .expectNext(-1)
                .then(() -> say(3))
                .expectNext(3)
                .thenCancel()
                .verify();
        assertThat(dropped.sum()).isZero();
    }

    @Test
    void aSlowListenerIsToldThatItMissedSomething() {
        int fits = (int) (MOST / 65);
        StepVerifier.create(listened().map(SignalQueueTest::number), 0)
                .then(() -> {
                    for (int i = 0; i < 100; i++) {
                        say(i);
                        assertThat(queue.get().bytes()).isLessThanOrEqualTo(MOST);
                    }
                })
                .thenRequest(fits)
                .expectNextCount(fits)
                .then(() -> say(101)) // the gap was not told yet, so this is part of it
                .thenRequest(1)
                .expectNext(-1)
                .then(() -> say(102))
                .thenRequest(1)
                .expectNext(102)
                .thenCancel()
                .verify();
        assertThat(dropped.sum()).isEqualTo(101 - fits);
        assertThat(queue.get().bytes()).isZero();
    }

    @Test
    void whateverHappensNothingIsMissedUntold() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        // The numbers grow, and between two that are not said one after the other there is a gap.
        List<Integer> said = new ArrayList<>();
        List<Integer> heard = new ArrayList<>();
        BaseSubscriber<Integer> listener = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {}

            @Override
            protected void hookOnNext(Integer value) {
                heard.add(value);
            }
        };
        listened().map(SignalQueueTest::number).subscribe(listener);
        for (int i = 0; i < 120; i++) {
            if (random.nextInt(8) == 0) {
                listener.request(1 + random.nextInt(6));
            } else {
                said.add(i);
                say(i);
            }
        }
        listener.requestUnbounded();
        int at = 0;
        boolean gap = false;
        for (int number : heard) {
            if (number < 0) {
                gap = true;
                continue;
            }
            int place = said.indexOf(number);
            assertThat(place).as("seed %d: %s", seed, heard).isGreaterThanOrEqualTo(at);
            assertThat(place == at || gap)
                    .as("seed %d: %s of %s", seed, heard, said)
                    .isTrue();
            at = place + 1;
            gap = false;
        }
        assertThat(at == said.size() || gap)
                .as("seed %d: %s of %s", seed, heard, said)
                .isTrue();
    }
}
