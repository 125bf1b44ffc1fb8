package io.weir.query.engine;

import io.weir.common.auth.Principal;
import io.weir.common.error.WeirException;
import io.weir.common.limit.Quotas;
import io.weir.query.QueryError;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;

/** The queries of a process that run or wait: to be listed, cancelled, counted, and logged when they were slow. Thread-safe. */
public final class RunningQueries {

    private static final Logger LOG = LoggerFactory.getLogger(RunningQueries.class);
    private static final int LONGEST_SQL = 1_000;

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final Map<Outcome, Tally> tallies =
            Map.of(Outcome.DONE, new Tally(), Outcome.FAILED, new Tally(), Outcome.ABANDONED, new Tally());
    private final LongAdder slow = new LongAdder();
    private final Duration slowAfter;
    private final Clock clock;
    private final Quotas quotas;

    /** How a query ended. */
    public enum Outcome {
        /** Its whole result was taken. */
        DONE,
        /** It failed, or was cancelled by its id. */
        FAILED,
        /** Its reader went away. */
        ABANDONED
    }

    /** Queries that ended in one way. */
    private static final class Tally {
        private final LongAdder count = new LongAdder();
        private final LongAdder nanos = new LongAdder();
    }

    private record Entry(
            RunningQuery query,
            long startNanos,
            LongSupplier rows,
            AtomicBoolean cancelled,
            Sinks.Empty<Object> stop,
            Runnable release) {

        /** Whether that caller may see and end it: its own, and all of the organisation that it looks after. */
        boolean isOf(Principal caller) {
            return query.organisation().equals(caller.organisation())
                    && (query.tokenId().equals(caller.tokenId()) || caller.administers());
        }

        /** The error of a query that was cancelled, behind a stream that was cut off for it. */
        <T> Mono<T> verdict() {
            return Mono.defer(() -> cancelled.get()
                    ? Mono.error(new WeirException(
                            QueryError.QUERY_CANCELLED,
                            "query " + query.id() + " was cancelled",
                            Map.of("query_id", query.id())))
                    : Mono.empty());
        }
    }

    /**
     * One query that has not ended.
     *
     * @param id what {@code Weir-Query-Id} said
     * @param organisation whose it is
     * @param tokenId id of the token it came with; empty for none
     * @param database database it was sent to
     * @param sql its statement, at most 1000 characters of it
     * @param started when it came
     * @param elapsed time since then
     * @param rows rows of its result made so far
     */
    public record RunningQuery(
            String id,
            String organisation,
            String tokenId,
            String database,
            String sql,
            Instant started,
            Duration elapsed,
            long rows) {}

    /**
     * An empty register.
     *
     * @param slowAfter time after which a query is logged when it ends; zero for never
     * @param quotas how many an organisation may have at once
     */
    public RunningQueries(Duration slowAfter, Clock clock, Quotas quotas) {
        this.quotas = quotas;
        this.slowAfter = slowAfter;
        this.clock = clock;
    }

    /**
     * Has a query in the register while its result is subscribed to.
     *
     * @param rows rows of the result made so far
     * @return {@code result}, which fails with {@code query-cancelled} when it is cancelled by its id, and with {@code
     *     quota-exceeded} when the caller's organisation has as many queries as it may
     */
    public <T> Flux<T> track(String id, Query query, LongSupplier rows, Flux<T> result) {
        return Flux.defer(() -> {
            String sql = query.sql().length() > LONGEST_SQL ? query.sql().substring(0, LONGEST_SQL) : query.sql();
            Entry entry = new Entry(
                    new RunningQuery(
                            id,
                            query.caller().organisation(),
                            query.caller().tokenId(),
                            query.database(),
                            sql,
                            clock.instant(),
                            Duration.ZERO,
                            0),
                    System.nanoTime(),
                    rows,
                    new AtomicBoolean(),
                    Sinks.empty(),
                    quotas.beginQuery(query.caller().organisation()));
            entries.put(id, entry);
            // An error as the other side would not cancel the stream, so the signal is a completion.
            return result.takeUntilOther(entry.stop().asMono())
                    .concatWith(entry.verdict())
                    .doFinally(signal -> end(entry, signal));
        });
    }

    private void end(Entry entry, SignalType signal) {
        entries.remove(entry.query().id());
        entry.release().run();
        long nanos = System.nanoTime() - entry.startNanos();
        Outcome outcome = switch (signal) {
            case ON_COMPLETE -> Outcome.DONE;
            case ON_ERROR -> Outcome.FAILED;
            default -> Outcome.ABANDONED;
        };
        tally(outcome).count.increment();
        tally(outcome).nanos.add(nanos);
        if (!slowAfter.isZero() && nanos >= slowAfter.toNanos()) {
            slow.increment();
            LOG.warn(
                    "slow query {} in {}: {} ms, {} rows, {}: {}",
                    entry.query().id(),
                    entry.query().database(),
                    Duration.ofNanos(nanos).toMillis(),
                    entry.rows().getAsLong(),
                    outcome.name().toLowerCase(Locale.ROOT),
                    entry.query().sql());
        }
    }

    private Tally tally(Outcome outcome) {
        return Objects.requireNonNull(tallies.get(outcome));
    }

    /** The queries that a caller may see, oldest first. */
    public List<RunningQuery> of(Principal caller) {
        return entries.values().stream()
                .filter(entry -> entry.isOf(caller))
                .map(RunningQueries::now)
                .sorted(Comparator.comparing(RunningQuery::started).thenComparing(RunningQuery::id))
                .toList();
    }

    private static RunningQuery now(Entry entry) {
        RunningQuery query = entry.query();
        return new RunningQuery(
                query.id(),
                query.organisation(),
                query.tokenId(),
                query.database(),
                query.sql(),
                query.started(),
                Duration.ofNanos(System.nanoTime() - entry.startNanos()),
                entry.rows().getAsLong());
    }

    /** Ends that query with {@code query-cancelled}; false when there is none that the caller may see. */
    public boolean cancel(Principal caller, String id) {
        Entry entry = entries.get(id);
        if (entry == null || !entry.isOf(caller)) {
            return false;
        }
        entry.cancelled().set(true);
        entry.stop().tryEmitEmpty();
        return true;
    }

    /** Queries that run or wait now. */
    public int size() {
        return entries.size();
    }

    /** Queries that ended so. */
    public long count(Outcome outcome) {
        return tally(outcome).count.sum();
    }

    /** Time that queries that ended so took together, their readers' included. */
    public Duration time(Outcome outcome) {
        return Duration.ofNanos(tally(outcome).nanos.sum());
    }

    /** Queries that were slow. */
    public long slow() {
        return slow.sum();
    }
}
