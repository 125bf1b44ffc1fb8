package io.weir.storage.hot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotScope;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Hot parts as the messages of {@link HotStream}, one at a time, each made when it is asked for. Rows and columns outside
 * of the scope are left out. The parts must be held meanwhile. Used by one thread at a time.
 */
public final class HotStreamWriter implements Iterator<byte[]> {

    private final HotScope scope;
    private final List<Run> runs = new ArrayList<>();
    private final MessageBody body = new MessageBody();
    private int run;
    private int batch = -1;
    private @Nullable BatchWriter current;
    private byte @Nullable [] next;

    /** Batches of one part, one behind the other, that have the same columns. */
    private record Run(String flushId, HotLayout layout, List<ColumnBatch> batches) {}

    /** What the scope says of those parts. */
    public HotStreamWriter(Collection<HotPart> parts, HotScope scope) {
        this.scope = scope;
        parts.forEach(this::plan);
    }

    private void plan(HotPart part) {
        Run last = null;
        for (ColumnBatch rows : part.batches()) {
            if (scope.times().overlaps(rows.minTimeMicros(), rows.maxTimeMicros())) {
                HotLayout layout = HotLayout.of(rows, scope);
                if (last == null || !last.layout().equals(layout)) {
                    last = new Run(part.flushId(), layout, new ArrayList<>());
                    runs.add(last);
                }
                last.batches().add(rows);
            }
        }
    }

    /** How many streams there are. */
    public int streams() {
        return runs.size();
    }

    @Override
    public boolean hasNext() {
        if (next == null && run < runs.size()) {
            next = advance(runs.get(run));
        }
        return next != null;
    }

    @Override
    public byte[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more messages");
        }
        byte[] message = next;
        next = null;
        return message == null ? new byte[0] : message;
    }

    private byte[] advance(Run of) {
        if (batch < 0) {
            batch = 0;
            return schema(of);
        }
        while (true) {
            byte[] message = current == null ? null : current.next();
            if (message != null) {
                return message;
            }
            if (batch == of.batches().size()) {
                current = null;
                batch = -1;
                run++;
                return MessageBody.end();
            }
            ColumnBatch rows = of.batches().get(batch++);
            current = new BatchWriter(of.layout(), rows, RowSelection.of(rows, scope.times()), body);
        }
    }

    private static byte[] schema(Run of) {
        String measurement = of.batches().get(0).measurement();
        ByteBuffer metadata =
                MessageSerializer.serializeMetadata(of.layout().schema(of.flushId(), measurement), IpcOption.DEFAULT);
        return MessageBody.framed(metadata, ByteBuffer.allocate(0));
    }
}
