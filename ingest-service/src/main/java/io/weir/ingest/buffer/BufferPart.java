package io.weir.ingest.buffer;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotPart;
import io.weir.common.memory.Reservation;
import io.weir.common.model.TableId;
import io.weir.ingest.wal.LoggedKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The batches of one measurement that one flush will commit. It has its flush id from its first batch on, so that a
 * query which saw it while it was still open can tell later that it was committed. Rows are only ever appended, by the
 * buffer that owns the part and under its lock; once sealed it never changes. Its memory is freed by whoever holds it
 * last: the buffer, until the part is dropped, or a query that reads it.
 *
 * <p>Small batches at the end are merged as they come, in two tiers, for a batch of one row costs some twenty times what
 * its values do. A snapshot taken before keeps the batches it saw, and their memory stays counted until it ends.
 *
 * <pre>
 *   bytes of a batch   merged when so many of that size or less are at the end
 *   below 1 KB         4
 *   below 8 KB         8
 *   more               never
 * </pre>
 */
public final class BufferPart {

    private static final long TINY_BYTES = 1 << 10;
    private static final int TINY_BATCHES = 4;
    private static final long SMALL_BYTES = 8 << 10;
    private static final int SMALL_BATCHES = 8;

    private final TableId table;
    private final String flushId;
    private final long openedNanos;
    private final ArrayList<ColumnBatch> batches = new ArrayList<>(TINY_BATCHES);
    private final ArrayList<Claim> claims = new ArrayList<>(1);
    private final Sinks.Empty<Void> committed = Sinks.empty();
    private final AtomicInteger holders = new AtomicInteger(1);
    private final long firstSequence;
    private long lastSequence;
    private long sizeBytes;
    private long rows;
    private @Nullable Map<String, LoggedKey> keys;
    private @Nullable Reservation memory;
    private Runnable whenFreed = () -> {};

    /** What keeps one segment of the log. */
    private record Claim(long segment, Runnable release) {}

    BufferPart(TableId table, String flushId, long firstSequence, long openedNanos) {
        this.table = table;
        this.flushId = flushId;
        this.firstSequence = firstSequence;
        this.openedNanos = openedNanos;
    }

    /** Appends a batch; the size of the part may grow by more or less than the batch's. */
    void append(BufferedBatch batch) {
        batches.add(batch.batch());
        sizeBytes += batch.batch().sizeBytes();
        rows += batch.batch().rows();
        lastSequence = batch.sequence();
        claim(batch);
        mergeEnd(TINY_BYTES, TINY_BATCHES);
        mergeEnd(SMALL_BYTES, SMALL_BATCHES);
        hold(batch);
    }

    /** Takes over the key and the memory of a batch. What merging saves is given back once no query reads the part. */
    private void hold(BufferedBatch batch) {
        LoggedKey key = batch.key();
        if (key != null) {
            Map<String, LoggedKey> latest = keys == null ? new LinkedHashMap<>() : keys;
            latest.put(key.key().text(), key);
            keys = latest;
        }
        Reservation added = batch.memory();
        if (added == null) {
            return;
        }
        Reservation held = memory;
        if (held == null) {
            held = added;
            memory = added;
        } else {
            held.absorb(added);
        }
        long surplus = held.bytes() - sizeBytes;
        if (surplus > 0 && holders.get() == 1) {
            held.grow(-surplus);
        }
    }

    /** One claim keeps a segment, however many batches of the part are in it. */
    private void claim(BufferedBatch batch) {
        for (int i = claims.size() - 1; i >= 0; i--) {
            if (claims.get(i).segment() == batch.segment()) {
                batch.committed().run();
                return;
            }
        }
        claims.add(new Claim(batch.segment(), batch.committed()));
    }

    private void mergeEnd(long belowBytes, int atLeast) {
        int from = batches.size();
        while (from > 0 && batches.get(from - 1).sizeBytes() < belowBytes && BatchMerge.isFit(batches.get(from - 1))) {
            from--;
        }
        if (batches.size() - from < atLeast) {
            return;
        }
        List<ColumnBatch> end = batches.subList(from, batches.size());
        ColumnBatch merged = BatchMerge.of(end);
        for (ColumnBatch batch : end) {
            sizeBytes -= batch.sizeBytes();
        }
        end.clear();
        batches.add(merged);
        sizeBytes += merged.sizeBytes();
    }

    /** The measurement. */
    public TableId table() {
        return table;
    }

    /** The flush that commits this part. */
    public String flushId() {
        return flushId;
    }

    /** Rows in the order they were written. To be read only once the part is sealed. */
    public List<ColumnBatch> columnBatches() {
        return List.copyOf(batches);
    }

    /** The keys its rows came with, of each key the latest. To be read only once the part is sealed. */
    public Collection<LoggedKey> keys() {
        return keys == null ? List.of() : Collections.unmodifiableCollection(keys.values());
    }

    /** Heap its batches hold. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Number of rows. */
    public long rows() {
        return rows;
    }

    /** Smallest sequence in the part. */
    public long firstSequence() {
        return firstSequence;
    }

    /** Largest sequence in the part. */
    public long lastSequence() {
        return lastSequence;
    }

    /** When its first batch came, by {@link System#nanoTime}. */
    long openedNanos() {
        return openedNanos;
    }

    /** Completes when the part is committed and dropped. */
    Mono<Void> committed() {
        return committed.asMono();
    }

    /** Gives up what the part holds of the log, and tells those who wait for it. */
    void finish() {
        claims.forEach(claim -> claim.release().run());
        committed.tryEmitEmpty();
    }

    /** The part as a query sees it now, held until the query closes it. Called by the buffer, which still holds it. */
    HotPart hot() {
        holders.incrementAndGet();
        return new HotPart(flushId, columnBatches(), this::release);
    }

    /** Ends the buffer's hold. {@code freed} runs when the last hold ends, which may be now. */
    void dropped(Runnable freed) {
        whenFreed = freed;
        release();
    }

    /** Ends one hold; the last one frees the memory. */
    private void release() {
        int left = holders.decrementAndGet();
        if (left == 0) {
            Reservation held = memory;
            if (held != null) {
                held.close();
            }
            whenFreed.run();
        } else if (left < 0) {
            throw new IllegalStateException("part " + flushId + " was released more often than it was held");
        }
    }
}
