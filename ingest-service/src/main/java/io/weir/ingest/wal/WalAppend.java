package io.weir.ingest.wal;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.memory.Reservation;
import io.weir.common.model.DatabaseId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client request as the log keeps it: logged, made durable, published and replayed as a whole or not at all.
 *
 * @param database where the batches belong
 * @param batches at least one batch; each gets its own sequence number, in this order
 * @param ack when the append completes
 * @param key logged with the batches, or null
 * @param memory holds what the batches take; null when nobody has counted it yet, as in a replay
 */
public record WalAppend(
        DatabaseId database,
        List<ColumnBatch> batches,
        WalAck ack,
        @Nullable WriteKey key,
        @Nullable Reservation memory) {

    /** Heap an append holds besides its batches, roughly. */
    private static final int OVERHEAD_BYTES = 256;

    public WalAppend {
        batches = List.copyOf(batches);
        if (batches.isEmpty()) {
            throw new IllegalArgumentException("an append has at least one batch");
        }
    }

    /** An append without a key. */
    public WalAppend(DatabaseId database, List<ColumnBatch> batches, WalAck ack) {
        this(database, batches, ack, null);
    }

    /** An append whose memory nobody has counted yet. */
    public WalAppend(DatabaseId database, List<ColumnBatch> batches, WalAck ack, @Nullable WriteKey key) {
        this(database, batches, ack, key, null);
    }

    /** An append without a key that completes after its sync. */
    public WalAppend(DatabaseId database, List<ColumnBatch> batches) {
        this(database, batches, WalAck.SYNCED);
    }

    /** The same rows, their memory held by {@code reservation}. */
    public WalAppend heldBy(Reservation reservation) {
        return new WalAppend(database, batches, ack, key, reservation);
    }

    /** Bytes of heap this append holds; what the queue of the log counts. */
    public long sizeBytes() {
        long bytes = OVERHEAD_BYTES;
        for (ColumnBatch batch : batches) {
            bytes += batch.sizeBytes();
        }
        return bytes;
    }

    /** Rows in all batches. */
    public long rows() {
        long rows = 0;
        for (ColumnBatch batch : batches) {
            rows += batch.rows();
        }
        return rows;
    }
}
