package io.weir.storage.upkeep;

import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import io.weir.storage.catalog.CatalogUpkeep;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * One process's row among the readers of the catalog: it keeps files that running queries may see from being removed, by
 * any process. A query costs no access to the catalog; the row is renewed every few seconds, as a background loop, however many
 * queries run.
 *
 * <p>Removals are numbered. A query is given the number known here when it begins; its snapshot is read afterwards, so it
 * sees no file that was removed up to that number. The row says the least number of the queries that run, or the one known
 * when none does. It is always made of what is known <em>before</em> a renewal, and the number the renewal brings is known
 * only after it, so that no query ever has a smaller number than the row says.
 *
 * <p>A process that cannot renew its row within the lease loses it: then a query of it may find a file missing and fails,
 * and says so. The clocks of all processes must agree within half of the lease. Thread-safe.
 */
public final class ReaderPresence implements BackgroundLoop, AutoCloseable {

    /** How long a row is believed after its renewal. */
    public static final Duration LEASE = Duration.ofMinutes(2);

    /** Time between renewals. */
    public static final Duration INTERVAL = Duration.ofSeconds(10);

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(ReaderPresence.class);

    private final CatalogUpkeep catalog;
    private final String reader;
    private final Duration interval;
    private final Duration lease;

    /** Queries that run, by the number each was given. */
    private final TreeMap<Long, Integer> running = new TreeMap<>();

    private long known;

    /**
     * A reader of that name.
     *
     * @param reader name that no other process has, now or later
     */
    public ReaderPresence(CatalogUpkeep catalog, String reader, Duration interval, Duration lease) {
        this.catalog = catalog;
        this.reader = reader;
        this.interval = interval;
        this.lease = lease;
    }

    @Override
    public String name() {
        return "readers";
    }

    @Override
    public Duration interval() {
        return interval;
    }

    /** The row would be lost if renewals that fail came less and less often. */
    @Override
    public Duration longestPause() {
        return interval;
    }

    /** Half of the lease: one that hangs leaves time for another. */
    @Override
    public Duration longestTurn() {
        return lease.dividedBy(2);
    }

    /** Writes the row. Queries may begin when this has completed. */
    @Override
    public Mono<Void> prepare() {
        return renew();
    }

    @Override
    public Mono<Turn> turn() {
        return renew().thenReturn(Turn.DONE);
    }

    /** Renews the row once. */
    Mono<Void> renew() {
        return Mono.defer(() -> catalog.renewReader(reader, oldest(), lease))
                .doOnNext(this::learn)
                .then();
    }

    private synchronized long oldest() {
        return running.isEmpty() ? known : Math.min(known, running.firstKey());
    }

    private synchronized void learn(long sequence) {
        known = Math.max(known, sequence);
    }

    /**
     * Begins a query: to be called before its snapshot is read.
     *
     * @return ends it; never blocks, and again does nothing
     */
    public synchronized Runnable pin() {
        long sequence = known;
        running.merge(sequence, 1, Integer::sum);
        AtomicBoolean over = new AtomicBoolean();
        return () -> {
            if (over.compareAndSet(false, true)) {
                unpin(sequence);
            }
        };
    }

    private synchronized void unpin(long sequence) {
        running.computeIfPresent(sequence, (number, count) -> count == 1 ? null : count - 1);
    }

    /** Queries that run. */
    public synchronized int pinned() {
        return running.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Takes the row away, once no query runs any more and it is not renewed any more; waits for it. A row that cannot be taken away expires. */
    @Override
    public void close() {
        catalog.endReader(reader)
                .timeout(CLOSE_PATIENCE)
                .doOnError(e -> LOG.warn("reader {} could not be ended; it expires within {}", reader, lease, e))
                .onErrorComplete()
                .block();
    }
}
