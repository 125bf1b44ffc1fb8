package io.weir.ingest.mqtt;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.ErrorKind;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Names;
import io.weir.ingest.admission.RequestMemory;
import io.weir.ingest.schema.DatabaseSchemas;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * Stores batches of messages: one append to the log for each database in a batch. What is only a matter of time, such as
 * overload, is tried again until it succeeds. What never will is found by halving the batch until the messages at fault
 * are alone, and those are rejected. Thread-safe.
 */
final class BatchWriter {

    private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);
    private static final int DATABASES_AT_ONCE = 4;

    /** Attempts at a failure that Weir cannot name before the batch is taken apart. */
    private static final int ATTEMPTS_AT_UNKNOWN = 5;

    /** What a decoding session costs before its first row. */
    private static final long SESSION_BYTES = 32 << 10;

    private final MqttSettings settings;
    private final TopicRoutes routes;
    private final RowStore store;
    private final Scheduler decode;
    private final Clock clock;
    private final MqttCounters counters;
    private final Backoff backoff;

    private record Routed(InboundMessage message, MessageTarget target) {}

    /**
     * A message that could not be stored, or not all of its rows.
     *
     * @param reason what was wrong with it
     */
    record Rejection(InboundMessage message, String reason) {}

    BatchWriter(MqttSettings settings, RowStore store, Scheduler decode, Clock clock, MqttCounters counters) {
        this.settings = settings;
        this.routes = new TopicRoutes(settings.subscriptions());
        this.store = store;
        this.decode = decode;
        this.clock = clock;
        this.counters = counters;
        this.backoff = new Backoff(settings.retryMin(), settings.retryMax());
    }

    /**
     * Stores a batch. Completes when every message of it is durable and visible or was rejected, however long that
     * takes; cancelling gives up, and what was not stored by then is unknown.
     *
     * @return the rejected ones
     */
    Mono<List<Rejection>> write(List<InboundMessage> batch) {
        return Mono.defer(() -> {
            List<Rejection> rejections = new ArrayList<>();
            Map<String, List<Routed>> byDatabase = new LinkedHashMap<>();
            for (InboundMessage message : batch) {
                if (message.isRetained() && !settings.acceptRetained()) {
                    counters.skipped.increment();
                    continue;
                }
                try {
                    MessageTarget target = target(message);
                    byDatabase
                            .computeIfAbsent(target.database(), name -> new ArrayList<>())
                            .add(new Routed(message, target));
                } catch (RejectedMessage e) {
                    rejections.add(new Rejection(message, e.reason()));
                }
            }
            return Flux.fromIterable(byDatabase.entrySet())
                    .flatMap(
                            entry ->
                                    store(new DatabaseId(Names.DEFAULT_ORGANISATION, entry.getKey()), entry.getValue()),
                            DATABASES_AT_ONCE)
                    .collect(() -> rejections, List::addAll);
        });
    }

    private MessageTarget target(InboundMessage message) {
        long limit = settings.maxMessageSize().toBytes();
        if (message.payload().length > limit) {
            throw new RejectedMessage("the payload has " + message.payload().length + " bytes (expected: at most "
                    + limit + ", weir.mqtt.max-message-size)");
        }
        return routes.target(message.topic());
    }

    private Mono<List<Rejection>> store(DatabaseId database, List<Routed> messages) {
        return Mono.defer(() -> attempt(database, messages))
                .subscribeOn(decode)
                .retryWhen(Retry.from(failures -> failures.concatMap(this::pause)))
                .onErrorResume(failure -> isolate(database, messages, failure));
    }

    private Mono<Long> pause(Retry.RetrySignal signal) {
        Throwable failure = signal.failure();
        if (isPermanent(failure, signal.totalRetries() + 1)) {
            return Mono.error(failure);
        }
        counters.retries.increment();
        LOG.warn("MQTT messages could not be stored; they are kept and tried again: {}", failure.getMessage());
        return Mono.delay(backoff.after(signal.totalRetries()), decode);
    }

    private static boolean isPermanent(Throwable failure, long attempts) {
        if (failure instanceof WeirException weir) {
            if (weir.code().kind() == ErrorKind.CLIENT) {
                return true;
            }
            if (weir.code().retryable()) {
                return false;
            }
        }
        return !(failure instanceof TimeoutException) && attempts >= ATTEMPTS_AT_UNKNOWN;
    }

    private Mono<List<Rejection>> attempt(DatabaseId database, List<Routed> messages) {
        return store.open(database)
                .publishOn(decode) // the first time, the catalog's thread brings them
                .flatMap(schemas -> Mono.using(
                        () -> store.admit(database, SESSION_BYTES + payloadBytes(messages)),
                        memory -> decodeAndStore(schemas, messages, memory),
                        RequestMemory::close));
    }

    private static long payloadBytes(List<Routed> messages) {
        return messages.stream()
                .mapToLong(routed -> routed.message().payload().length)
                .sum();
    }

    private Mono<List<Rejection>> decodeAndStore(DatabaseSchemas schemas, List<Routed> messages, RequestMemory memory) {
        List<Rejection> rejections = new ArrayList<>();
        BatchDecoder decoder = new BatchDecoder(schemas, nowNanos(), memory);
        long rows = 0;
        for (Routed routed : messages) {
            try {
                Decoded decoded = decoder.add(routed.message(), routed.target());
                rows += decoded.rows();
                if (decoded.reason() != null) {
                    rejections.add(new Rejection(
                            routed.message(),
                            decoded.reason() + "; its other " + decoded.rows() + " rows were stored"));
                }
            } catch (RejectedMessage e) {
                rejections.add(new Rejection(routed.message(), e.reason()));
            }
        }
        List<ColumnBatch> batches = decoder.finish();
        if (batches.isEmpty()) {
            return Mono.just(rejections);
        }
        memory.settle();
        long stored = rows;
        return store.store(schemas, batches, memory).then(Mono.fromSupplier(() -> {
            counters.rows.add(stored);
            counters.appends.increment();
            return rejections;
        }));
    }

    /** Finds the messages that make a batch fail for good. */
    private Mono<List<Rejection>> isolate(DatabaseId database, List<Routed> messages, Throwable failure) {
        if (messages.size() == 1) {
            if (!(failure instanceof WeirException weir) || weir.code().kind() != ErrorKind.CLIENT) {
                LOG.error("a message of topic {} cannot be stored", printable(messages.get(0)), failure);
            }
            String reason = failure instanceof WeirException weir ? weir.detail() : failure.toString();
            return Mono.just(List.of(new Rejection(messages.get(0).message(), reason)));
        }
        int half = messages.size() / 2;
        return Flux.concat(
                        store(database, messages.subList(0, half)),
                        store(database, messages.subList(half, messages.size())))
                .collect(ArrayList::new, List::addAll);
    }

    private static String printable(Routed routed) {
        return Names.printable(routed.message().topic());
    }

    private long nowNanos() {
        Instant now = clock.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
