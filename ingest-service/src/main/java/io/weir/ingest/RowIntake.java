package io.weir.ingest;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.live.RowListener;
import io.weir.common.memory.Reservation;
import io.weir.ingest.admission.Admission;
import io.weir.ingest.buffer.BufferedBatch;
import io.weir.ingest.buffer.IngestBuffers;
import io.weir.ingest.idempotency.WriteKeys;
import io.weir.ingest.wal.LoggedKey;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalHold;
import io.weir.ingest.wal.WalListener;
import io.weir.ingest.wal.WriteKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what the log made durable: each batch becomes visible in its buffer, charged to the memory budget until it
 * is in a file and no query reads it any more.
 */
final class RowIntake implements WalListener {

    private static final Logger LOG = LoggerFactory.getLogger(RowIntake.class);

    private final IngestBuffers buffers;
    private final Admission admission;
    private final WriteKeys keys;
    private final Consumer<String> published;
    private volatile RowListener listener = RowListener.NONE;

    /** @param published told whose rows came, after each append, on the thread of the log: quick, and never blocks */
    RowIntake(IngestBuffers buffers, Admission admission, WriteKeys keys, Consumer<String> published) {
        this.buffers = buffers;
        this.admission = admission;
        this.keys = keys;
        this.published = published;
    }

    /** From now on tells that listener of the rows it makes visible. */
    void tell(RowListener told) {
        listener = told;
    }

    @Override
    public void durable(WalAppend append, WalHold hold) {
        LoggedKey key = loggedKey(append, hold);
        if (key != null) {
            keys.logged(append.database(), key); // first: what is durable must not be stored again, whatever follows
        }
        for (int i = 0; i < append.batches().size(); i++) {
            publish(append, i, hold, key);
        }
        Reservation memory = append.memory();
        if (memory != null) {
            memory.close(); // what its batches did not take with them
        }
        published.accept(append.database().organisation());
        tell(append);
    }

    /** Last, and whatever comes of it: rows that are stored do not depend on who listens. */
    private void tell(WalAppend append) {
        RowListener told = listener;
        try {
            for (ColumnBatch batch : append.batches()) {
                told.published(append.database(), batch);
            }
        } catch (RuntimeException e) {
            LOG.error("rows are stored, but who listens to them was not told", e);
        }
    }

    /** The key of an append where it is in the log, or null. */
    static @Nullable LoggedKey loggedKey(WalAppend append, WalHold hold) {
        WriteKey key = append.key();
        return key == null ? null : new LoggedKey(key, hold.baseSequence());
    }

    /** Publishes one batch of an append. */
    void publish(WalAppend append, int index, WalHold hold, @Nullable LoggedKey key) {
        ColumnBatch batch = append.batches().get(index);
        long bytes = batch.sizeBytes();
        Reservation memory = append.memory();
        Reservation own = memory == null
                ? admission.claim(append.database().organisation(), bytes, admission.buffer())
                : memory.split(bytes, admission.buffer());
        buffers.publish(
                append.database().table(batch.measurement()),
                new BufferedBatch(batch, hold.baseSequence() + index, hold.segment(), key, hold::release, own));
    }
}
