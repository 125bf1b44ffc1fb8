package io.weir.ingest.mqtt;

import io.weir.common.model.Names;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * What becomes of messages that cannot be stored: they are counted, named in the log (at most a few a second), and
 * published to the dead-letter topic if there is one. Nothing here ever holds the stream up for longer than one timeout.
 * Thread-safe.
 */
final class RejectionDesk {

    private static final Logger LOG = LoggerFactory.getLogger(RejectionDesk.class);
    private static final int SNIPPET_BYTES = 80;
    private static final int LETTERS_AT_ONCE = 16;
    private static final Duration LETTER_TIMEOUT = Duration.ofSeconds(10);

    /** Most rejections described a second; the others are counted and summed up. */
    static final int DESCRIBED_A_SECOND = 10;

    private final @Nullable String deadLetterTopic;
    private final Publishing broker;
    private final MqttCounters counters;
    private final Scheduler timers;
    private final LongSupplier nanoTime;
    private final AtomicLong second = new AtomicLong(Long.MIN_VALUE);
    private final AtomicLong inSecond = new AtomicLong();

    /** Publishes to the broker. */
    @FunctionalInterface
    interface Publishing {

        /** Completes when the broker has the message; {@code reason} goes along where the protocol has room for it. */
        Mono<Void> publish(String topic, byte[] payload, String reason);
    }

    /** @param timers where a dead letter that takes too long is given up */
    RejectionDesk(
            @Nullable String deadLetterTopic,
            Publishing broker,
            MqttCounters counters,
            Scheduler timers,
            LongSupplier nanoTime) {
        this.timers = timers;
        this.deadLetterTopic = deadLetterTopic;
        this.broker = broker;
        this.counters = counters;
        this.nanoTime = nanoTime;
    }

    /** Takes rejected messages; completes, never with an error, when they may be acknowledged. */
    Mono<Void> take(List<BatchWriter.Rejection> rejections) {
        if (rejections.isEmpty()) {
            return Mono.empty();
        }
        rejections.forEach(this::describe);
        String letters = deadLetterTopic;
        if (letters == null) {
            return Mono.empty();
        }
        return Flux.fromIterable(rejections)
                .flatMap(rejection -> publish(letters, rejection), LETTERS_AT_ONCE)
                .then();
    }

    private Mono<Void> publish(String letters, BatchWriter.Rejection rejection) {
        String topic = letters + "/" + rejection.message().topic();
        return Mono.defer(() -> broker.publish(topic, rejection.message().payload(), rejection.reason()))
                .timeout(LETTER_TIMEOUT, timers)
                .doOnSuccess(done -> counters.deadLetters.increment())
                .onErrorResume(e -> {
                    counters.lostDeadLetters.increment();
                    LOG.warn("a rejected MQTT message could not be published to {}: {}", Names.printable(topic), e);
                    return Mono.empty();
                });
    }

    private void describe(BatchWriter.Rejection rejection) {
        counters.rejected.increment();
        long now = Math.floorDiv(nanoTime.getAsLong(), Duration.ofSeconds(1).toNanos());
        long before = second.getAndSet(now);
        long described = before == now ? inSecond.incrementAndGet() : inSecond.getAndSet(1);
        if (before != now && described > DESCRIBED_A_SECOND) {
            LOG.warn("{} more MQTT messages were rejected", described - DESCRIBED_A_SECOND);
        }
        if (before != now || described <= DESCRIBED_A_SECOND) {
            LOG.warn(
                    "MQTT message rejected: topic {}: {}; payload of {} bytes: {}",
                    Names.printable(rejection.message().topic()),
                    rejection.reason(),
                    rejection.message().payload().length,
                    snippet(rejection.message().payload()));
        }
    }

    /** The first bytes, as text when they are printable ASCII, else in hexadecimal. */
    static String snippet(byte[] payload) {
        int length = Math.min(payload.length, SNIPPET_BYTES);
        boolean text = true;
        for (int i = 0; i < length; i++) {
            text &= (payload[i] >= ' ' && payload[i] < 127)
                    || payload[i] == '\n'
                    || payload[i] == '\r'
                    || payload[i] == '\t';
        }
        String end = length < payload.length ? "…" : "";
        if (text) {
            return Names.printable(new String(payload, 0, length, StandardCharsets.US_ASCII)) + end;
        }
        StringBuilder hex = new StringBuilder("0x");
        for (int i = 0; i < Math.min(length, SNIPPET_BYTES / 2); i++) {
            hex.append(Character.forDigit(payload[i] >> 4 & 15, 16)).append(Character.forDigit(payload[i] & 15, 16));
        }
        return hex + (payload.length > SNIPPET_BYTES / 2 ? "…" : "");
    }
}
