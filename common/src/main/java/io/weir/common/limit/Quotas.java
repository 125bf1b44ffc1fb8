package io.weir.common.limit;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds each organisation to its {@link OrganisationLimits} in this process. Those without limits cost one look into a
 * map. What is used is counted afterwards: the request that goes over a limit is served, the next ones are refused until
 * what was used has been paid. Thread-safe; never blocks; remembers only organisations with limits, and those whose
 * queries run.
 */
public final class Quotas {

    private static final Duration QUERY_RETRY = Duration.ofSeconds(1);
    private static final Duration SOCKET_RETRY = Duration.ofSeconds(10);

    private final LongSupplier nanoTime;
    private final Map<String, Account> accounts = new ConcurrentHashMap<>();
    private final LongAdder refusedWrites = new LongAdder();
    private final LongAdder refusedQueries = new LongAdder();
    private final LongAdder refusedSockets = new LongAdder();

    private static final class Account {
        private final OrganisationLimits limits;
        private final @Nullable Allowance bytes;
        private final @Nullable Allowance rows;
        private final AtomicInteger queries;

        Account(OrganisationLimits limits, @Nullable Account before, long now) {
            this.limits = limits;
            this.bytes = kept(before == null ? null : before.bytes, limits.bytesPerMinute(), now);
            this.rows = kept(before == null ? null : before.rows, limits.rowsPerMinute(), now);
            this.queries = before == null ? new AtomicInteger() : before.queries;
        }

        /** A limit that stays as it was keeps what was used of it. */
        private static @Nullable Allowance kept(@Nullable Allowance before, long perMinute, long now) {
            if (perMinute == 0) {
                return null;
            }
            return before != null && before.perMinute() == perMinute ? before : new Allowance(perMinute, now);
        }
    }

    /** No limits yet. */
    public Quotas(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** From now on these are the organisations with limits, and their limits. */
    public void apply(Map<String, OrganisationLimits> limits) {
        accounts.keySet().removeIf(organisation -> !isLimited(limits.get(organisation)));
        limits.forEach((organisation, limit) -> {
            if (isLimited(limit)) {
                accounts.compute(
                        organisation,
                        (name, before) -> before != null && before.limits.equals(limit)
                                ? before
                                : new Account(limit, before, nanoTime.getAsLong()));
            }
        });
    }

    private static boolean isLimited(@Nullable OrganisationLimits limits) {
        return limits != null && !limits.equals(OrganisationLimits.NONE);
    }

    /** Limits of that organisation. */
    public OrganisationLimits limits(String organisation) {
        Account account = accounts.get(organisation);
        return account == null ? OrganisationLimits.NONE : account.limits;
    }

    /**
     * Lets a request that writes begin.
     *
     * @throws WeirException {@code quota-exceeded} while the organisation has used more than it may
     */
    public void requireWrite(String organisation) {
        Account account = accounts.get(organisation);
        if (account != null) {
            require(organisation, "bytes", account.bytes);
            require(organisation, "rows", account.rows);
        }
    }

    private void require(String organisation, String what, @Nullable Allowance allowance) {
        long wait = allowance == null ? 0 : allowance.waitNanos(nanoTime.getAsLong());
        if (allowance != null && wait > 0) {
            refusedWrites.increment();
            throw refusal(
                    organisation,
                    "has sent more than " + allowance.perMinute() + " " + what + " a minute",
                    Duration.ofNanos(wait));
        }
    }

    /** Counts bytes of a body. */
    public void received(String organisation, long bytes) {
        Account account = accounts.get(organisation);
        if (account != null && account.bytes != null) {
            account.bytes.use(bytes, nanoTime.getAsLong());
        }
    }

    /** Counts rows that were written. */
    public void stored(String organisation, long rows) {
        Account account = accounts.get(organisation);
        if (account != null && account.rows != null) {
            account.rows.use(rows, nanoTime.getAsLong());
        }
    }

    /**
     * Lets a query begin.
     *
     * @return to be run once, when it has ended
     * @throws WeirException {@code quota-exceeded} when as many run or wait as may
     */
    public Runnable beginQuery(String organisation) {
        Account account = accounts.get(organisation);
        if (account == null || account.limits.concurrentQueries() == 0) {
            return () -> {};
        }
        AtomicInteger running = account.queries;
        if (running.incrementAndGet() > account.limits.concurrentQueries()) {
            running.decrementAndGet();
            refusedQueries.increment();
            throw refusal(
                    organisation,
                    "runs " + account.limits.concurrentQueries() + " queries, which is as many as it may at once",
                    QUERY_RETRY);
        }
        return running::decrementAndGet;
    }

    /**
     * Lets a subscription begin. Whoever has subscriptions counts them: they last, so a limit that comes later finds those
     * that were there.
     *
     * @param held subscriptions of the organisation
     * @throws WeirException {@code quota-exceeded} when these are as many as may be
     */
    public void requireSocket(String organisation, int held) {
        int most = limits(organisation).sockets();
        if (most > 0 && held >= most) {
            refusedSockets.increment();
            throw refusal(
                    organisation, "has " + most + " subscriptions, which is as many as it may hold", SOCKET_RETRY);
        }
    }

    private static WeirException refusal(String organisation, String why, Duration wait) {
        long seconds = Math.max(1, wait.plusNanos(999_999_999).toSeconds());
        return new WeirException(
                CommonError.QUOTA_EXCEEDED,
                "organisation " + organisation + " " + why + " (expected: the next request in " + seconds + " s)",
                Map.of("organisation", organisation, "retry_after_seconds", seconds));
    }

    /** Writes refused. */
    public long refusedWrites() {
        return refusedWrites.sum();
    }

    /** Queries refused. */
    public long refusedQueries() {
        return refusedQueries.sum();
    }

    /** Subscriptions refused. */
    public long refusedSockets() {
        return refusedSockets.sum();
    }
}
