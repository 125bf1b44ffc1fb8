package io.weir.ingest.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DeadlineClockTest {

    private static final TableId CPU = new DatabaseId("default", "iot").table("cpu");

    private final BlockingQueue<BufferPart> sealed = new LinkedBlockingQueue<>();
    private final AtomicInteger attempts = new AtomicInteger();

    private IngestBuffers buffers(Duration age) {
        return new IngestBuffers(Clock.systemUTC(), BufferLimits.ofAge(age, Long.MAX_VALUE), sealed::add);
    }

    private static BufferedBatch batch(long sequence) {
        return new BufferedBatch(TestBatches.rows("cpu", "a", 0, sequence, 10), sequence, sequence, () -> {});
    }

    private void fail() {
        attempts.incrementAndGet();
        throw new OutOfMemoryError("injected");
    }

    @Test
    void whatFailsAgainAndAgainIsTriedEverMoreRarelyHoweverOftenItIsAskedFor() {
        IngestBuffers buffers = buffers(Duration.ofHours(1));
        long began = System.nanoTime();
        try (DeadlineClock clock = new DeadlineClock(buffers, this::fail)) {
            while (System.nanoTime() - began < 300_000_000L) {
                clock.wake();
                LockSupport.parkNanos(100_000);
            }
        }
        double tenMillis = (System.nanoTime() - began) / 10e6;
        assertThat(attempts.get()).isBetween(2, (int) (2 + Math.log(tenMillis + 1) / Math.log(2)));
    }

    @Test
    void partsAreSealedInTimeThoughReliefFails() throws InterruptedException { // LESSONS 1
        IngestBuffers buffers = buffers(Duration.ofMillis(5));
        try (DeadlineClock clock = new DeadlineClock(buffers, this::fail)) {
            buffers.publish(CPU, batch(1));
            clock.wake();
            assertThat(sealed.poll(10, TimeUnit.SECONDS)).isNotNull();
            assertThat(attempts).hasPositiveValue();
        }
    }

    @Test
    void afterAFailureItGoesOnAsBefore() throws InterruptedException {
        IngestBuffers buffers = buffers(Duration.ofMillis(5));
        Runnable failingTwice = () -> {
            if (attempts.get() < 2) {
                fail();
            }
        };
        try (DeadlineClock clock = new DeadlineClock(buffers, failingTwice)) {
            for (int i = 1; i <= 3; i++) {
                buffers.publish(CPU, batch(i));
                clock.wake();
                assertThat(sealed.poll(10, TimeUnit.SECONDS)).isNotNull();
            }
            assertThat(attempts).hasValue(2);
        }
    }

    @Test
    void closingDoesNotWaitForAPause() {
        DeadlineClock clock = new DeadlineClock(buffers(Duration.ofHours(1)), this::fail);
        while (attempts.get() < 8) { // by then a pause takes more than a second
            LockSupport.parkNanos(1_000_000);
        }
        long before = System.nanoTime();
        clock.close();
        assertThat(System.nanoTime() - before).isLessThan(500_000_000L);
    }
}
