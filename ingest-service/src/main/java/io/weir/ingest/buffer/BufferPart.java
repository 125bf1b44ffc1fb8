package io.weir.ingest.buffer;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotPart;
import io.weir.common.model.TableId;
import io.weir.ingest.wal.LoggedKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The batches of one measurement that one flush will commit. It has its flush id from its first batch on, so that a
 * query which saw it while it was still open can tell later that it was committed. Batches are only ever appended, by
 * the buffer that owns the part and under its lock; once sealed it never changes. Its memory is freed by whoever holds it
 * last: the buffer, until the part is dropped, or a query that reads it.
 */
public final class BufferPart {

    private final TableId table;
    private final String flushId;
    private final List<BufferedBatch> batches = new ArrayList<>();
    private final Sinks.Empty<Void> committed = Sinks.empty();
    private final AtomicInteger holders = new AtomicInteger(1);
    private long sizeBytes;
    private Runnable whenFreed = () -> {};

    BufferPart(TableId table, String flushId) {
        this.table = table;
        this.flushId = flushId;
    }

    void append(BufferedBatch batch) {
        batches.add(batch);
        sizeBytes += batch.batch().sizeBytes();
    }

    /** The measurement. */
    public TableId table() {
        return table;
    }

    /** The flush that commits this part. */
    public String flushId() {
        return flushId;
    }

    /** Batches in order of their sequence. To be read only once the part is sealed. */
    public List<BufferedBatch> batches() {
        return Collections.unmodifiableList(batches);
    }

    /** The rows of this part, in the same order. To be read only once the part is sealed. */
    public List<ColumnBatch> columnBatches() {
        return batches.stream().map(BufferedBatch::batch).toList();
    }

    /** The keys its batches came with, of each key the latest. To be read only once the part is sealed. */
    public Collection<LoggedKey> keys() {
        Map<String, LoggedKey> latest = new LinkedHashMap<>();
        for (BufferedBatch batch : batches) {
            LoggedKey key = batch.key();
            if (key != null) {
                latest.put(key.key().text(), key);
            }
        }
        return latest.values();
    }

    /** Heap its batches hold. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Number of rows. */
    public long rows() {
        long rows = 0;
        for (BufferedBatch batch : batches) {
            rows += batch.batch().rows();
        }
        return rows;
    }

    /** Smallest sequence in the part. */
    public long firstSequence() {
        return batches.get(0).sequence();
    }

    /** Largest sequence in the part. */
    public long lastSequence() {
        return batches.get(batches.size() - 1).sequence();
    }

    /** Completes when the part is committed and dropped. */
    Mono<Void> committed() {
        return committed.asMono();
    }

    void markCommitted() {
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
            batches.forEach(batch -> batch.freed().run());
            whenFreed.run();
        } else if (left < 0) {
            throw new IllegalStateException("part " + flushId + " was released more often than it was held");
        }
    }
}
