package io.weir.ingest.flush;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.model.DatabaseId;
import io.weir.ingest.buffer.BufferLimits;
import io.weir.ingest.buffer.BufferPart;
import io.weir.ingest.buffer.BufferedBatch;
import io.weir.ingest.buffer.IngestBuffers;
import io.weir.ingest.buffer.TestBatches;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

class FlusherTest {

    private final List<BufferPart> committed = new ArrayList<>();

    private static List<BufferPart> parts(int count) {
        List<BufferPart> parts = new ArrayList<>();
        IngestBuffers buffers =
                new IngestBuffers(Clock.systemUTC(), BufferLimits.ofAge(Duration.ofHours(1), 1), parts::add);
        for (int i = 0; i < count; i++) {
            buffers.publish(
                    new DatabaseId("default", "iot").table("cpu"),
                    new BufferedBatch(TestBatches.rows("cpu", "a", 0, i, 1), i + 1L, 1, () -> {}));
        }
        return parts;
    }

    private static FlushLimits limits(int parts, Duration firstBackoff, Duration maxBackoff) {
        return new FlushLimits(parts, Long.MAX_VALUE / 2, Duration.ofMinutes(5), firstBackoff, maxBackoff);
    }

    @Test
    void aFailedPartIsTriedAgainUntilItIsCommittedOnce() { // LESSONS 1, REQUIREMENTS P4
        VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
        try {
            AtomicInteger attempts = new AtomicInteger();
            Flusher flusher = new Flusher(
                    part -> Mono.defer(() -> attempts.incrementAndGet() < 6
                            ? Mono.error(new IllegalStateException("store is away"))
                            : Mono.empty()),
                    committed::add,
                    limits(2, Duration.ofMillis(500), Duration.ofSeconds(60)));
            flusher.submit(parts(1).get(0));
            assertThat(flusher.unfinished()).isEqualTo(1);
            time.advanceTimeBy(Duration.ofMinutes(5));
            assertThat(attempts).hasValue(6);
            assertThat(committed).hasSize(1);
            assertThat(flusher.failures()).isEqualTo(5);
            assertThat(flusher.unfinished()).isZero();
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @Test
    void neverMorePartsAtOnceThanAllowedAndNoneForgotten() { // LESSONS 5
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Sinks.Empty<Void>> running = new CopyOnWriteArrayList<>();
        Flusher flusher = new Flusher(
                part -> Mono.defer(() -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    Sinks.Empty<Void> done = Sinks.empty();
                    running.add(done);
                    return done.asMono().doOnTerminate(now::decrementAndGet);
                }),
                committed::add,
                limits(3, Duration.ofMillis(1), Duration.ofMillis(1)));
        parts(50).forEach(flusher::submit);
        for (int i = 0; i < 50; i++) {
            running.get(i).tryEmitEmpty().orThrow();
        }
        assertThat(most).hasValue(3);
        assertThat(committed).hasSize(50);
        assertThat(flusher.unfinished()).isZero();
    }

    @Test
    void partsThatKeepFailingHoldUpNoOther() { // LESSONS 10
        VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
        try {
            List<BufferPart> parts = parts(40);
            List<BufferPart> poisoned = parts.subList(0, 3);
            Flusher flusher = new Flusher(
                    part -> poisoned.contains(part) ? Mono.error(new IllegalStateException("poisoned")) : Mono.empty(),
                    committed::add,
                    limits(2, Duration.ofMillis(500), Duration.ofSeconds(60)));
            parts.forEach(flusher::submit);
            time.advanceTimeBy(Duration.ofMinutes(10));
            assertThat(committed).containsExactlyInAnyOrderElementsOf(parts.subList(3, 40));
            assertThat(flusher.unfinished()).isEqualTo(3);
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @Test
    void anOutageIsProbedNowAndThenAndAllIsFlushedAfterIt() { // LESSONS 1
        VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
        try {
            boolean[] away = {true};
            AtomicInteger attempts = new AtomicInteger();
            Flusher flusher = new Flusher(
                    part -> Mono.defer(() -> {
                        attempts.incrementAndGet();
                        return away[0] ? Mono.error(new IllegalStateException("away")) : Mono.empty();
                    }),
                    committed::add,
                    limits(16, Duration.ofMillis(500), Duration.ofSeconds(60)));
            List<BufferPart> parts = parts(5_000);
            parts.forEach(flusher::submit);
            time.advanceTimeBy(Duration.ofHours(1));
            assertThat(attempts.get()).isBetween(60, 150);
            away[0] = false;
            time.advanceTimeBy(Duration.ofMinutes(3));
            assertThat(committed).containsExactlyInAnyOrderElementsOf(parts);
            assertThat(flusher.unfinished()).isZero();
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @Test
    void fiftySlowFlushesInAQueueDoNotTimeOut() { // LESSONS 5: the time counts from the start of each attempt
        VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
        try {
            Flusher flusher = new Flusher(
                    part -> Mono.delay(Duration.ofSeconds(50)).then(),
                    committed::add,
                    new FlushLimits(1, 1, Duration.ofSeconds(60), Duration.ofMillis(500), Duration.ofSeconds(60)));
            parts(50).forEach(flusher::submit);
            time.advanceTimeBy(Duration.ofSeconds(50 * 50));
            assertThat(committed).hasSize(50);
            assertThat(flusher.failures()).isZero();
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @Test
    void anAttemptThatHangsIsGivenUpAndTriedAgain() { // REQUIREMENTS S2
        VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
        try {
            AtomicInteger attempts = new AtomicInteger();
            AtomicInteger cancelled = new AtomicInteger();
            Flusher flusher = new Flusher(
                    part -> attempts.incrementAndGet() == 1
                            ? Mono.<Void>never().doOnCancel(cancelled::incrementAndGet)
                            : Mono.empty(),
                    committed::add,
                    limits(2, Duration.ofMillis(500), Duration.ofSeconds(60)));
            flusher.submit(parts(1).get(0));
            time.advanceTimeBy(Duration.ofMinutes(6));
            assertThat(attempts).hasValue(2);
            assertThat(cancelled).hasValue(1);
            assertThat(committed).hasSize(1);
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @Test
    void largePartsAreFlushedOneByOneSmallOnesTogether() {
        List<BufferPart> parts = parts(6);
        long bytes = parts.get(0).sizeBytes();
        assertThat(mostAtOnce(parts, bytes * 3)).isEqualTo(3);
        assertThat(mostAtOnce(parts, bytes / 2)).isEqualTo(1);
    }

    private int mostAtOnce(List<BufferPart> parts, long bytes) {
        List<Sinks.Empty<Void>> running = new CopyOnWriteArrayList<>();
        Flusher flusher = new Flusher(
                part -> Mono.defer(() -> {
                    Sinks.Empty<Void> done = Sinks.empty();
                    running.add(done);
                    return done.asMono();
                }),
                committed::add,
                new FlushLimits(16, bytes, Duration.ofMinutes(5), Duration.ofMillis(1), Duration.ofMillis(1)));
        parts.forEach(flusher::submit);
        int most = running.size();
        for (int i = 0; i < parts.size(); i++) {
            running.get(i).tryEmitEmpty().orThrow();
        }
        return most;
    }

    @Test
    void partsThatEndAtOnceDoNotNest() {
        Sinks.Empty<Void> first = Sinks.empty();
        AtomicInteger attempts = new AtomicInteger();
        Flusher flusher = new Flusher(
                part -> attempts.incrementAndGet() == 1 ? first.asMono() : Mono.empty(),
                committed::add,
                limits(1, Duration.ofMillis(1), Duration.ofMillis(1)));
        parts(50_000).forEach(flusher::submit);
        first.tryEmitEmpty().orThrow();
        assertThat(committed).hasSize(50_000);
    }

    @Test
    void closingWithManyPartsWaitingEndsAndCommitsNoneOfThem() { // LESSONS 3
        Flusher flusher = new Flusher(
                part -> Mono.never(), committed::add, limits(2, Duration.ofMillis(1), Duration.ofMillis(1)));
        parts(20_000).forEach(flusher::submit);
        flusher.close();
        assertThat(committed).isEmpty();
    }
}
