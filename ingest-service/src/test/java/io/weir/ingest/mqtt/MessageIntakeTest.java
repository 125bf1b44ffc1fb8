package io.weir.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.Reservation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/** How much is in flight, over a stream that gives as many messages as it is asked for. REQUIREMENTS P1; invariant 3. */
@Timeout(60)
class MessageIntakeTest {

    private static final int MIB = 1 << 20;
    private static final int IN_FLIGHT = 1_000;

    private final Scheduler scheduler = Schedulers.newSingle("intake");
    private final AtomicInteger acknowledged = new AtomicInteger();
    private MemoryBudget budget;
    private MessageIntake intake;

    @AfterEach
    void close() {
        intake.close();
        scheduler.dispose();
        assertThat(budget.usedBytes()).isZero();
    }

    /** Takes messages of that size from a stream that has no end, or that many. */
    private void take(
            int memoryBytes, int messages, int payloadBytes, Function<List<InboundMessage>, Mono<Void>> write) {
        budget = MemoryBudget.root("ingest", memoryBytes);
        MqttSettings settings = Settings.of("mqtt://127.0.0.1:1883", "weir")
                .with("max-in-flight", IN_FLIGHT)
                .subscribed("in/{measurement}", "json")
                .bind();
        intake = new MessageIntake(settings, write, budget, scheduler, new MqttCounters());
        Flux.range(0, messages)
                .map(i -> new InboundMessage("in/m", new byte[payloadBytes], false, acknowledged::incrementAndGet))
                .subscribe(intake);
    }

    /** Stores a batch once there is three times its size of memory, as decoding it may take. */
    private Mono<Void> store(List<InboundMessage> batch) {
        return Mono.fromRunnable(() -> {
                    long bytes = batch.stream()
                            .mapToLong(message -> message.payload().length)
                            .sum();
                    try (Reservation rows = budget.reserve(3 * bytes)) {
                        assertThat(rows.bytes()).isEqualTo(3 * bytes);
                    }
                })
                .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, Duration.ofMillis(1)))
                .then();
    }

    private void awaitAcknowledged(int messages) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> acknowledged.get() == messages);
    }

    @Test
    void messagesInFlightTakeAQuarterOfTheMemory() {
        take(8 * MIB, Integer.MAX_VALUE, 10_000, batch -> Mono.never());
        assertThat(budget.usedBytes()).isBetween(2L * MIB, 3L * MIB);
    }

    @Test
    void smallMessagesAreLimitedByTheirNumber() {
        take(8 * MIB, Integer.MAX_VALUE, 100, batch -> Mono.never());
        assertThat(intake.inFlight()).isEqualTo(IN_FLIGHT);
    }

    @Test
    void allIsAcknowledgedThoughWhatIsSentIsMoreThanTheMemory() {
        take(8 * MIB, 3 * IN_FLIGHT, 10_000, this::store);
        awaitAcknowledged(3 * IN_FLIGHT);
    }

    @Test
    void aMessageLargerThanTheWindowIsTakenAlone() {
        AtomicInteger most = new AtomicInteger();
        take(2 * MIB, 20, 600_000, batch -> {
            most.accumulateAndGet(intake.inFlight(), Math::max);
            return Mono.empty();
        });
        awaitAcknowledged(20);
        assertThat(most).hasValue(1);
    }

    @Test
    void manyMessagesAreWrittenInLargeBatches() {
        AtomicInteger batches = new AtomicInteger();
        take(256 * MIB, 100 * IN_FLIGHT, 100, batch -> {
            batches.incrementAndGet();
            return Mono.delay(Duration.ofMillis(1)).then();
        });
        awaitAcknowledged(100 * IN_FLIGHT);
        assertThat(batches.get()).isLessThan(1_000);
    }
}
