package io.weir.ingest;

import io.weir.common.batch.ColumnBatch;
import io.weir.ingest.buffer.BufferedBatch;
import io.weir.ingest.buffer.IngestBuffers;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalHold;
import io.weir.ingest.wal.WalListener;

/** Publishes what the log made durable: each batch becomes visible in its buffer. */
final class RowIntake implements WalListener {

    private final IngestBuffers buffers;
    private final Runnable published;

    /** @param published run after each append, on the thread of the log: quick, and never blocks */
    RowIntake(IngestBuffers buffers, Runnable published) {
        this.buffers = buffers;
        this.published = published;
    }

    @Override
    public void durable(WalAppend append, WalHold hold) {
        for (int i = 0; i < append.batches().size(); i++) {
            publish(append, i, hold);
        }
        published.run();
    }

    /** Publishes one batch of an append. */
    void publish(WalAppend append, int index, WalHold hold) {
        ColumnBatch batch = append.batches().get(index);
        buffers.publish(
                append.database().table(batch.measurement()),
                new BufferedBatch(batch, hold.baseSequence() + index, hold.segment(), hold::release));
    }
}
