package io.weir.storage.live;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.live.RowBus;
import io.weir.common.live.RowFeed;
import io.weir.common.live.RowListener;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.model.TableId;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * Rows that come over a bus. They are decoded on a worker; of messages that find no room on the way there it is told how many
 * rows were in them. Thread-safe; never blocks.
 */
public final class BusFeed implements RowFeed {

    private static final Logger LOG = LoggerFactory.getLogger(BusFeed.class);

    private final RowBus bus;
    private final MemoryBudget budget;
    private final Scheduler workers;

    /**
     * A feed.
     *
     * @param budget what messages that wait may hold
     * @param workers where they are decoded
     */
    public BusFeed(RowBus bus, MemoryBudget budget, Scheduler workers) {
        this.bus = bus;
        this.budget = budget;
        this.workers = workers;
    }

    @Override
    public Disposable listen(TableId table, RowListener listener) {
        HandOff<byte[]> messages = new HandOff<>(budget, workers, message -> receive(table, message, listener));
        return bus.subscribe(BusMessage.channel(table), message -> {
            if (!messages.offer(message, message.length)) {
                listener.missed(table, BusMessage.rows(message));
            }
        });
    }

    private static void receive(TableId table, byte[] message, RowListener listener) {
        try {
            BusMessage read = BusMessage.read(message);
            if (read.missed() > 0) {
                listener.missed(table, read.missed());
            }
            for (ColumnBatch batch : read.batches()) {
                listener.published(table.databaseId(), batch);
            }
        } catch (IOException e) {
            LOG.warn("a message on the channel of {} cannot be read; it is left out", table, e);
        }
    }
}
