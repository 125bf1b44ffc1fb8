package io.weir.storage.live;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotScope;
import io.weir.common.model.TableId;
import io.weir.storage.hot.HotStreamReader;
import io.weir.storage.hot.HotStreamWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A batch on a bus.
 *
 * <pre>
 *   rows left out before it, 8 bytes │ its rows, 4 bytes, both most significant first │ a stream of {@link io.weir.storage.hot.HotStream}
 * </pre>
 *
 * @param missed rows of its measurement that its sender left out before it
 * @param batches the rows, in order; one batch for each message of the stream
 */
record BusMessage(long missed, List<ColumnBatch> batches) {

    private static final String NO_FLUSH = "live";
    private static final int HEAD_BYTES = Long.BYTES + Integer.BYTES;

    /** The channel of a measurement. Neither an organisation nor a database has a slash in its name. */
    static String channel(TableId table) {
        return table.toString();
    }

    static byte[] of(long missed, ColumnBatch batch) {
        HotStreamWriter writer = new HotStreamWriter(List.of(new HotPart(NO_FLUSH, List.of(batch))), HotScope.ALL);
        List<byte[]> parts = new ArrayList<>();
        int length = HEAD_BYTES;
        while (writer.hasNext()) {
            byte[] part = writer.next();
            parts.add(part);
            length += part.length;
        }
        ByteBuffer message = ByteBuffer.allocate(length).putLong(missed).putInt(batch.rows());
        parts.forEach(message::put);
        return message.array();
    }

    /** How many rows whoever does not read a message does not get, those left out before it included. */
    static long rows(byte[] message) {
        ByteBuffer head = ByteBuffer.wrap(message);
        return message.length < HEAD_BYTES ? 0 : head.getLong() + head.getInt();
    }

    /** @throws IOException when it is no such message */
    static BusMessage read(byte[] message) throws IOException {
        if (message.length < HEAD_BYTES) {
            throw new IOException("a message of " + message.length + " bytes");
        }
        HotStreamReader reader = new HotStreamReader(bytes -> {}); // the message is bounded by whoever sent it
        reader.feed(Arrays.copyOfRange(message, HEAD_BYTES, message.length));
        List<ColumnBatch> batches = new ArrayList<>();
        reader.finish(1).forEach(part -> batches.addAll(part.batches()));
        return new BusMessage(ByteBuffer.wrap(message).getLong(), List.copyOf(batches));
    }
}
