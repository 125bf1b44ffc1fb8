package io.weir.storage.live;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.live.RowBus;
import io.weir.common.live.RowListener;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/**
 * Sends acknowledged rows over a bus, those of measurements that somebody listens to. They are encoded on a worker; what finds
 * no room on the way there is left out, and counted in the next message. Thread-safe; never blocks.
 */
public final class BusPublisher implements RowListener {

    private static final Logger LOG = LoggerFactory.getLogger(BusPublisher.class);

    private final RowBus bus;
    private final HandOff<Rows> rows;
    private final Map<TableId, Long> missed = new ConcurrentHashMap<>();

    private record Rows(TableId table, ColumnBatch batch) {}

    /**
     * A publisher.
     *
     * @param budget what batches that wait may hold
     * @param workers where they are encoded
     */
    public BusPublisher(RowBus bus, MemoryBudget budget, Scheduler workers) {
        this.bus = bus;
        this.rows = new HandOff<>(budget, workers, this::send);
    }

    @Override
    public void published(DatabaseId database, ColumnBatch batch) {
        TableId table = database.table(batch.measurement());
        if (!bus.isWanted(BusMessage.channel(table))) {
            return;
        }
        if (!rows.offer(new Rows(table, batch), batch.sizeBytes())) {
            missed(table, batch.rows());
        }
    }

    @Override
    public void missed(TableId table, long count) {
        missed.merge(table, count, Long::sum);
    }

    private void send(Rows next) {
        Long before = missed.remove(next.table());
        byte[] message = BusMessage.of(before == null ? 0 : before, next.batch());
        bus.publish(BusMessage.channel(next.table()), message).subscribe(sent -> {}, failure -> {
            LOG.debug("rows of {} could not be sent", next.table(), failure);
            missed(next.table(), next.batch().rows() + (before == null ? 0 : before));
        });
    }
}
