package io.weir.storage.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class SilenceLimitTest {

    private static final Duration LIMIT = Duration.ofMillis(200);

    @Test
    void aSourceThatOwesAndGivesNothingFailsAndIsCancelled() {
        AtomicBoolean cancelled = new AtomicBoolean();
        Flux<Integer> silent =
                Flux.concat(Flux.just(1, 2), Flux.<Integer>never()).doOnCancel(() -> cancelled.set(true));
        StepVerifier.create(SilenceLimit.on(silent, LIMIT))
                .expectNext(1, 2)
                .expectError(TimeoutException.class)
                .verify(Duration.ofSeconds(5));
        assertThat(cancelled).isTrue();
    }

    @Test
    void aReaderThatTakesItsTimeIsNotSilence() {
        StepVerifier.create(SilenceLimit.on(Flux.range(0, 3), LIMIT), 1)
                .expectNext(0)
                .thenAwait(LIMIT.multipliedBy(3))
                .thenRequest(2)
                .expectNext(1, 2)
                .expectComplete()
                .verify(Duration.ofSeconds(5));
        StepVerifier.create(SilenceLimit.on(Flux.just(0).concatWith(Flux.never()), LIMIT), 1)
                .expectNext(0)
                .thenAwait(LIMIT.multipliedBy(3))
                .thenRequest(1)
                .expectError(TimeoutException.class)
                .verify(Duration.ofSeconds(5));
    }
}
