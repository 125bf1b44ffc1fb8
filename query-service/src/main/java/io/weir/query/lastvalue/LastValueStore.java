package io.weir.query.lastvalue;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.FlushListener;
import io.weir.common.model.TableId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest rows of those measurements that were asked for lately, within a bound of memory: when it is passed, the measurement
 * asked for longest ago is forgotten, and one that does not fit alone is left out for a while. Only these cost anything when they
 * are flushed. Thread-safe; never blocks.
 */
public final class LastValueStore implements FlushListener {

    private static final Logger LOG = LoggerFactory.getLogger(LastValueStore.class);

    /** Flushes that may wait before the catalog is asked which are committed, though nobody queries. */
    private static final int WAITING_FLUSHES = 16;

    /** How long one may wait. */
    private static final long WAITING_NANOS = 300_000_000_000L;

    /** Measurements that are kept, or known to be left out, at once, however little they hold. */
    private static final int MOST_MEASUREMENTS = 10_000;

    private final long limitBytes;
    private final long idleNanos;
    private final long leftOutNanos;
    private final Map<TableId, Summary> summaries = new ConcurrentHashMap<>();
    private final Map<TableId, Long> leftOut = new ConcurrentHashMap<>();
    private final AtomicLong heldBytes = new AtomicLong();
    private final LongAdder evictions = new LongAdder();
    private volatile Consumer<TableId> refresh = table -> {};

    /** A store with the bounds of those properties. */
    public LastValueStore(LastValueProperties properties) {
        this.limitBytes = properties.memory().toBytes();
        this.idleNanos = properties.idle().toNanos();
        this.leftOutNanos = Duration.ofMinutes(10).toNanos();
    }

    /** Who brings a measurement up to what the catalog says. */
    void refreshedBy(Consumer<TableId> refresher) {
        refresh = refresher;
    }

    /** What is kept of the measurement, ready or not; null when nothing is. */
    @Nullable
    Summary find(TableId table) {
        return summaries.get(table);
    }

    /** Begins to keep a measurement; null when it is kept already, or left out for now. From here on its flushes are remembered. */
    @Nullable
    Summary begin(TableId table) {
        long now = System.nanoTime();
        leftOut.values().removeIf(until -> now - until > 0);
        if (leftOut.containsKey(table) || leftOut.size() >= MOST_MEASUREMENTS) {
            return null;
        }
        if (summaries.size() >= MOST_MEASUREMENTS) {
            oldestFirst().stream().findFirst().ifPresent(this::evict);
        }
        Summary begun = new Summary(table, heldBytes::addAndGet);
        return summaries.putIfAbsent(table, begun) == null ? begun : null;
    }

    /** Whether the measurement did not fit lately, or its files could not be read. */
    boolean isLeftOut(TableId table) {
        Long until = leftOut.get(table);
        return until != null && System.nanoTime() - until <= 0;
    }

    /** Forgets what is kept there. */
    void forget(Summary summary) {
        summaries.remove(summary.table(), summary);
        summary.end();
    }

    /** Forgets it and does not begin again for a while. */
    void leaveOut(Summary summary) {
        leftOut.put(summary.table(), System.nanoTime() + leftOutNanos);
        forget(summary);
    }

    /**
     * Forgets what is kept of that measurement; it is worked out again from its files when it is asked for. For whoever changes rows
     * in a way that the number of rows in the catalog does not show.
     */
    public void invalidate(TableId table) {
        Summary summary = summaries.get(table);
        if (summary != null) {
            forget(summary);
        }
    }

    @Override
    public void flushing(TableId table, String flushId, List<ColumnBatch> batches) {
        Summary summary = summaries.get(table);
        if (summary == null) {
            return;
        }
        try {
            if (System.nanoTime() - summary.askedNanos() > idleNanos) {
                forget(summary);
            } else {
                remember(summary, flushId, batches);
            }
        } catch (RuntimeException e) {
            LOG.warn("the newest rows of {} are forgotten, because those of a flush cannot be told", table, e);
            forget(summary);
        }
    }

    private void remember(Summary summary, String flushId, List<ColumnBatch> batches) {
        if (!NewestRows.canPick(batches)) {
            leaveOut(summary);
            return;
        }
        long rows = batches.stream().mapToLong(ColumnBatch::rows).sum();
        summary.flushed(flushId, NewestRows.of(batches), rows);
        summary.fold();
        bound(summary);
        if (summary.isReady() && summary.isBehind(WAITING_FLUSHES, WAITING_NANOS)) {
            refresh.accept(summary.table());
        }
    }

    /** Keeps the bound of memory, for a measurement that has just grown. */
    void bound(Summary grown) {
        if (heldBytes.get() <= limitBytes) {
            return;
        }
        for (Summary summary : oldestFirst()) {
            if (heldBytes.get() <= limitBytes) {
                return;
            }
            if (summary != grown) {
                evict(summary);
            }
        }
        if (heldBytes.get() > limitBytes) {
            LOG.info("the newest rows of {} do not fit into weir.last-values.memory", grown.table());
            leaveOut(grown);
        }
    }

    private void evict(Summary summary) {
        evictions.increment();
        forget(summary);
    }

    /** By when they were asked for last. The times are read once: they move on while the list is sorted. */
    private List<Summary> oldestFirst() {
        long now = System.nanoTime();
        Map<Summary, Long> ages = new HashMap<>();
        summaries.values().forEach(summary -> ages.put(summary, now - summary.askedNanos()));
        return ages.entrySet().stream()
                .sorted(Map.Entry.<Summary, Long>comparingByValue().reversed())
                .map(Map.Entry::getKey)
                .toList();
    }

    long limitBytes() {
        return limitBytes;
    }

    /** Bytes of rows kept now. */
    public long heldBytes() {
        return heldBytes.get();
    }

    /** Measurements kept now. */
    public int measurements() {
        return summaries.size();
    }

    /** Measurements that do not fit, or whose files could not be read, and are not tried again for a while. */
    public int leftOut() {
        return leftOut.size();
    }

    /** Measurements that were forgotten to make room. */
    public long evictions() {
        return evictions.sum();
    }
}
