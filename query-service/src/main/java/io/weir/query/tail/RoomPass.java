package io.weir.query.tail;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.Reservation;
import io.weir.query.condition.Condition;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One batch on its way to all readers of a room: for each kind of subscription its rows are chosen and encoded, a frame at a
 * time, and each frame is given to every reader of that kind. Used by one thread at a time.
 */
final class RoomPass {

    private final ColumnBatch batch;
    private final Reservation memory;
    private final MemoryBudget budget;
    private final long frameBytes;
    private final Iterator<Map.Entry<Subscription.Kind, List<TailReader>>> kinds;
    private List<TailReader> readers = List.of();
    private @Nullable FrameEncoder encoder;

    /** @param memory what the batch holds; given back at the end */
    RoomPass(
            ColumnBatch batch,
            Reservation memory,
            Map<Subscription.Kind, List<TailReader>> readers,
            MemoryBudget budget,
            long frameBytes) {
        this.batch = batch;
        this.memory = memory;
        this.kinds = readers.entrySet().iterator();
        this.budget = budget;
        this.frameBytes = frameBytes;
    }

    /** Makes the next frame, or says that there is none. */
    boolean advance() {
        FrameEncoder open = encoder;
        while (open == null || !open.hasNext()) {
            if (!kinds.hasNext()) {
                return false;
            }
            Map.Entry<Subscription.Kind, List<TailReader>> next = kinds.next();
            readers = next.getValue();
            Condition condition = readers.get(0).subscription().condition();
            int[] rows = condition == null ? IntStream.range(0, batch.rows()).toArray() : condition.rows(batch);
            open = new FrameEncoder(next.getKey().format(), batch, rows, frameBytes);
        }
        encoder = open;
        int before = open.encoded();
        byte[] frame = open.next();
        give(frame, open.encoded() - before);
        return true;
    }

    private void give(byte[] bytes, int count) {
        Reservation own;
        try {
            own = budget.reserve(bytes.length);
        } catch (WeirException full) {
            readers.forEach(reader -> reader.missed(count)); // they are told, as of any other rows left out
            return;
        }
        TailFrame frame = new TailFrame(bytes, count, own);
        readers.forEach(reader -> reader.offer(frame));
        frame.release();
    }

    /** Rows of the batch. */
    int batchRows() {
        return batch.rows();
    }

    void end() {
        memory.close();
    }
}
