package io.weir.query.remote;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotPart;
import io.weir.query.QueryError;
import io.weir.storage.hot.ControlRequest;
import io.weir.storage.hot.HotRequest;
import io.weir.storage.hot.HotStream;
import io.weir.storage.hot.HotStreamReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;

/** One ingest replica as a query replica asks it: within a time, and for a moment not at all when it fails. Thread-safe. */
final class IngestReplica {

    private static final Logger LOG = LoggerFactory.getLogger(IngestReplica.class);
    private static final int WINDOW = 20;
    private static final int LEAST_CALLS = 5;
    private static final int TRIALS = 1; // one that is answered is enough

    /** Longer than any trial: who waits less for trials that queries have to bring opens the breaker for want of queries. */
    private static final Duration LONGEST_TRIAL = Duration.ofMinutes(10);

    private static final Duration OPEN_FOR = Duration.ofSeconds(1);
    private static final int CHUNKS_AHEAD = 4;

    /** A call of control flushes. */
    private static final Duration CONTROL_TIME = Duration.ofSeconds(25);

    private final String name;
    private final HttpClient client;
    private final Duration timeout;
    private final Scheduler decoder;
    private final CircuitBreaker breaker;
    private final Timer ok;
    private final Timer failed;

    /**
     * A replica.
     *
     * @param client knows the token and the pool of connections
     * @param decoder where answers are decoded
     */
    IngestReplica(URI address, HttpClient client, Duration timeout, Scheduler decoder, MeterRegistry registry) {
        this.name = address.getAuthority();
        this.client = client.baseUrl(address.toString());
        this.timeout = timeout;
        this.decoder = decoder;
        this.breaker = CircuitBreaker.of(
                name,
                CircuitBreakerConfig.custom()
                        .slidingWindow(
                                WINDOW,
                                LEAST_CALLS,
                                CircuitBreakerConfig.SlidingWindowType.COUNT_BASED,
                                CircuitBreakerConfig.SlidingWindowSynchronizationStrategy
                                        .LOCK_FREE) // counted on event loops
                        .waitDurationInOpenState(OPEN_FOR)
                        .permittedNumberOfCallsInHalfOpenState(TRIALS)
                        .maxWaitDurationInHalfOpenState(LONGEST_TRIAL)
                        .build());
        breaker.getEventPublisher()
                .onStateTransition(event -> LOG.atLevel(
                                event.getStateTransition().getToState() == CircuitBreaker.State.OPEN
                                        ? Level.WARN
                                        : Level.DEBUG)
                        .log("ingest replica {}: breaker {}", name, event.getStateTransition()));
        this.ok = timer(registry, "ok");
        this.failed = timer(registry, "failed");
    }

    private Timer timer(MeterRegistry registry, String outcome) {
        return Timer.builder("weir.query.hot")
                .description("Reads of hot rows of ingest replicas")
                .tag("replica", name)
                .tag("outcome", outcome)
                .register(registry);
    }

    /** {@code HOST:PORT}. */
    String name() {
        return name;
    }

    /** State of its breaker: {@code closed}, {@code open} or {@code half_open}. */
    String state() {
        return breaker.getState().name().toLowerCase(Locale.ROOT);
    }

    /**
     * Its hot rows.
     *
     * @param memory told before bytes are taken; what it throws is not the replica's fault
     * @return fails with {@code hot-rows-unavailable}, which names the replica, or with what {@code memory} throws
     */
    Mono<List<HotPart>> read(HotRequest request, LongConsumer memory) {
        return Mono.defer(() -> {
            if (!breaker.tryAcquirePermission()) {
                return Mono.error(away("failed lately and is asked again within a second", null));
            }
            long start = System.nanoTime();
            return call(request, memory)
                    .timeout(timeout)
                    .onErrorMap(e -> e instanceof WeirException ? e : away(reason(e), e))
                    .doOnSuccess(parts -> succeeded(System.nanoTime() - start))
                    .doOnError(e -> failed(System.nanoTime() - start, e))
                    .doOnCancel(breaker::releasePermission);
        });
    }

    /**
     * Has it do that.
     *
     * @return completes when it is done; fails with {@code hot-rows-unavailable}, which names the replica
     */
    Mono<Void> control(ControlRequest request) {
        byte[] json = request.toJson();
        return client.headers(headers -> headers.set(HttpHeaderNames.CONTENT_LENGTH, json.length))
                .post()
                .uri(ControlRequest.PATH)
                .send(Mono.just(Unpooled.wrappedBuffer(json)))
                .response()
                .flatMap(response -> response.status().code() == 204
                        ? Mono.<Void>empty()
                        : Mono.error(
                                away("answered with status " + response.status().code(), null)))
                .timeout(CONTROL_TIME)
                .onErrorMap(e -> e instanceof WeirException ? e : away(reason(e), e));
    }

    private void succeeded(long nanos) {
        ok.record(nanos, TimeUnit.NANOSECONDS);
        breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
    }

    private void failed(long nanos, Throwable failure) {
        failed.record(nanos, TimeUnit.NANOSECONDS);
        if (failure instanceof WeirException weir && weir.code() == QueryError.HOT_ROWS_UNAVAILABLE) {
            LOG.debug("{}", weir.detail(), failure);
            breaker.onError(nanos, TimeUnit.NANOSECONDS, failure);
        } else {
            breaker.releasePermission();
        }
    }

    private String reason(Throwable failure) {
        if (failure instanceof TimeoutException) {
            return "did not answer within " + timeout.toMillis() + " ms";
        }
        return failure instanceof UncheckedIOException && failure.getCause() != null
                ? "answered wrongly: " + failure.getCause().getMessage()
                : "cannot be reached";
    }

    private WeirException away(String reason, @Nullable Throwable cause) {
        return new WeirException(
                QueryError.HOT_ROWS_UNAVAILABLE,
                "ingest replica " + name + " " + reason
                        + " (try again, or ask with freshness=committed for what is in files)",
                Map.of("replica", name),
                cause);
    }

    private Mono<List<HotPart>> call(HotRequest request, LongConsumer memory) {
        byte[] json = request.toJson();
        return client.headers(headers -> headers.set(HttpHeaderNames.CONTENT_LENGTH, json.length))
                .post()
                .uri(HotStream.PATH)
                .send(Mono.just(Unpooled.wrappedBuffer(json)))
                .response((response, body) -> parts(response, body.asByteArray(), memory))
                .single();
    }

    private Mono<List<HotPart>> parts(HttpClientResponse response, Flux<byte[]> body, LongConsumer memory) {
        int status = response.status().code();
        if (status != 200) {
            return Mono.error(away(
                    status == 401 ? "does not know the token of weir.internal.token" : "answered with status " + status,
                    null));
        }
        int streams = response.responseHeaders().getInt(HotStream.STREAMS, -1);
        HotStreamReader reader = new HotStreamReader(memory);
        return body.publishOn(decoder, CHUNKS_AHEAD)
                .doOnNext(bytes -> feed(reader, bytes))
                .then(Mono.fromSupplier(() -> finish(reader, streams)));
    }

    private static void feed(HotStreamReader reader, byte[] bytes) {
        try {
            reader.feed(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<HotPart> finish(HotStreamReader reader, int streams) {
        try {
            return reader.finish(streams);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
