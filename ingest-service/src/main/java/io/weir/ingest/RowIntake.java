package io.weir.ingest;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.memory.MemoryBudget;
import io.weir.ingest.buffer.BufferedBatch;
import io.weir.ingest.buffer.IngestBuffers;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalHold;
import io.weir.ingest.wal.WalListener;

/**
 * Publishes what the log made durable: each batch becomes visible in its buffer, charged to the memory budget until it
 * is in a file.
 */
final class RowIntake implements WalListener {

    private static final double PRESSURE = 0.7;

    /** With less in open parts than this, the pressure comes from elsewhere, and sealing makes small files only. */
    private static final double WORTH_SEALING = 0.2;

    private final IngestBuffers buffers;
    private final MemoryBudget budget;

    RowIntake(IngestBuffers buffers, MemoryBudget budget) {
        this.buffers = buffers;
        this.budget = budget;
    }

    @Override
    public void durable(WalAppend append, WalHold hold) {
        for (int i = 0; i < append.batches().size(); i++) {
            publish(append, i, hold);
        }
        boolean pressed = budget.usedBytes() > budget.limitBytes() * PRESSURE;
        if (pressed && buffers.openBytes() > budget.limitBytes() * WORTH_SEALING) {
            buffers.sealLargest();
        }
    }

    /** Publishes one batch of an append. */
    void publish(WalAppend append, int index, WalHold hold) {
        ColumnBatch batch = append.batches().get(index);
        long bytes = batch.sizeBytes();
        budget.charge(bytes);
        buffers.publish(
                append.database().table(batch.measurement()),
                new BufferedBatch(batch, hold.baseSequence() + index, () -> {
                    budget.credit(bytes);
                    hold.release();
                }));
    }
}
