package io.weir.storage.hot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotScope;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;

/**
 * Some rows of one batch as one whole Arrow IPC stream: schema, a dictionary for each tag, record batches, end. The columns
 * are those of {@link HotStream}; its metadata names the measurement. Stateless.
 */
public final class RowStream {

    private RowStream() {}

    /**
     * Those rows.
     *
     * @param rows numbers of rows of the batch, ascending; those in {@code [from, to)} of it are meant, at least one
     */
    public static byte[] of(ColumnBatch batch, int[] rows, int from, int to) {
        HotLayout layout = HotLayout.of(batch, HotScope.ALL);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(MessageBody.framed(
                MessageSerializer.serializeMetadata(layout.schema("", batch.measurement()), IpcOption.DEFAULT),
                ByteBuffer.allocate(0)));
        BatchWriter writer = new BatchWriter(layout, batch, RowSelection.of(rows, from, to), new MessageBody());
        for (byte[] message = writer.next(); message != null; message = writer.next()) {
            out.writeBytes(message);
        }
        out.writeBytes(MessageBody.end());
        return out.toByteArray();
    }
}
