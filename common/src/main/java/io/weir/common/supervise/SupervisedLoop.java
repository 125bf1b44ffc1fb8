package io.weir.common.supervise;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** One loop being run: pauses and turns, one after the other, until it is stopped. Nothing a turn does ends it. */
final class SupervisedLoop {

    private static final Logger LOG = LoggerFactory.getLogger(SupervisedLoop.class);
    private static final String TURNS = "weir.background.turns";

    private final BackgroundLoop loop;
    private final Scheduler timer;
    private final Clock clock;
    private final Backoff backoff;
    private final Map<Turn, Counter> turns = new EnumMap<>(Turn.class);
    private final Counter failures;
    private final Disposable.Swap subscription = Disposables.swap();
    private volatile LoopStatus status;
    private volatile Duration pause;

    SupervisedLoop(BackgroundLoop loop, Scheduler timer, Clock clock, Backoff backoff, MeterRegistry registry) {
        this.loop = loop;
        this.timer = timer;
        this.clock = clock;
        this.backoff = backoff;
        this.pause = loop.firstPause();
        this.status = new LoopStatus(loop.name(), false, null, 0, null);
        for (Turn turn : Turn.values()) {
            turns.put(turn, counter(registry, turn.word()));
        }
        this.failures = counter(registry, "failed");
        Gauge.builder("weir.background.failures.in.a.row", () -> status.failuresInARow())
                .tag("loop", loop.name())
                .register(registry);
        Gauge.builder("weir.background.last.success", () -> seconds(status.lastSuccess()))
                .description("when a turn last ended well, in seconds since 1970; 0: not yet")
                .tag("loop", loop.name())
                .register(registry);
    }

    private Counter counter(MeterRegistry registry, String outcome) {
        return Counter.builder(TURNS)
                .tag("loop", loop.name())
                .tag("outcome", outcome)
                .register(registry);
    }

    private static double seconds(@Nullable Instant time) {
        return time == null ? 0 : time.getEpochSecond();
    }

    LoopStatus status() {
        return status;
    }

    Mono<Void> prepare() {
        return Mono.defer(loop::prepare);
    }

    void start() {
        subscription.update(Mono.defer(() -> Mono.delay(pause, timer))
                .then(Mono.defer(this::turn))
                .repeat()
                .subscribe());
    }

    /** One turn; never fails. */
    private Mono<Void> turn() {
        begin();
        return Mono.defer(loop::turn)
                .timeout(loop.longestTurn(), timer)
                .defaultIfEmpty(Turn.DONE)
                .doOnNext(this::ended)
                .onErrorResume(failure -> {
                    failed(failure);
                    return Mono.empty();
                })
                .doOnCancel(this::cancelled)
                .then();
    }

    private void begin() {
        LoopStatus was = status;
        status = new LoopStatus(was.name(), true, was.lastSuccess(), was.failuresInARow(), was.problem());
    }

    private void cancelled() {
        LoopStatus was = status;
        status = new LoopStatus(was.name(), false, was.lastSuccess(), was.failuresInARow(), was.problem());
    }

    private void ended(Turn turn) {
        Objects.requireNonNull(turns.get(turn)).increment();
        status = new LoopStatus(loop.name(), false, clock.instant(), 0, null);
        pause = turn == Turn.MORE ? Duration.ZERO : backoff.afterSuccess(loop.interval());
    }

    private void failed(Throwable failure) {
        failures.increment();
        LoopStatus was = status;
        int inARow = was.failuresInARow() + 1;
        status = new LoopStatus(loop.name(), false, was.lastSuccess(), inARow, sentence(failure));
        Duration backedOff = backoff.afterFailures(inARow);
        pause = backedOff.compareTo(loop.longestPause()) < 0 ? backedOff : loop.longestPause();
        LOG.warn(
                "background loop {} failed, {} times in a row, last success {}; it is tried again in {} ms",
                loop.name(),
                inARow,
                was.lastSuccess() == null ? "never" : was.lastSuccess(),
                pause.toMillis(),
                failure);
    }

    private static String sentence(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    /** No turn begins after this; one under way is cancelled and has let go, or has had its time. */
    void stop() {
        subscription.dispose();
        try {
            loop.awaitQuiet();
        } catch (RuntimeException e) {
            LOG.warn("background loop {} could not be waited for", loop.name(), e);
        }
    }
}
