package io.weir.storage.hot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotPart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer of {@link HotStream} as its bytes arrive. Before memory is taken its bytes are told to a listener, which
 * may refuse; the parts keep what was told. Used by one thread at a time.
 */
public final class HotStreamReader {

    private static final int PREFIX_BYTES = 8;
    private static final int MAX_METADATA_BYTES = 16 << 20;
    private static final int OVERHEAD_BYTES = 1 << 10;

    private final LongConsumer memory;
    private final Map<String, List<ColumnBatch>> parts = new LinkedHashMap<>();
    private byte[] buffer = new byte[PREFIX_BYTES];
    private int length;
    private int needed = PREFIX_BYTES;
    private int metadataBytes;
    private boolean prefix = true;
    private @Nullable BatchReader open;
    private List<ColumnBatch> rows = new ArrayList<>();
    private int streams;

    /** @param memory told how many bytes are about to be taken; what it throws ends the reading */
    public HotStreamReader(LongConsumer memory) {
        this.memory = memory;
        memory.accept(OVERHEAD_BYTES);
    }

    /**
     * Reads the next bytes of the answer, which are not kept.
     *
     * @throws IOException when they are no such answer
     */
    public void feed(byte[] bytes) throws IOException {
        int at = 0;
        while (at < bytes.length) {
            int taken = Math.min(needed - length, bytes.length - at);
            System.arraycopy(bytes, at, buffer, length, taken);
            at += taken;
            length += taken;
            while (length == needed) {
                guarded();
            }
        }
    }

    /** FlatBuffers check nothing: whatever reading them throws is a fault of the answer, except a refusal of memory. */
    private void guarded() throws IOException {
        try {
            step();
        } catch (WeirException refusal) {
            throw refusal; // the listener's
        } catch (RuntimeException e) {
            throw new IOException("hot rows that are not well-formed: " + e.getMessage(), e);
        }
    }

    private void step() throws IOException {
        ByteBuffer message = ByteBuffer.wrap(buffer, 0, length).order(ByteOrder.LITTLE_ENDIAN);
        if (prefix) {
            begin(message);
            return;
        }
        Message head = Message.getRootAsMessage(message.slice(0, metadataBytes).order(ByteOrder.LITTLE_ENDIAN));
        long whole = metadataBytes + head.bodyLength();
        if (head.bodyLength() < 0 || whole > Integer.MAX_VALUE - 8) {
            throw new IOException("a message of " + head.bodyLength() + " bytes");
        }
        if (length < whole) {
            await((int) whole, false);
            return;
        }
        read(head, message.slice(metadataBytes, length - metadataBytes).order(ByteOrder.LITTLE_ENDIAN));
        length = 0;
        await(PREFIX_BYTES, true);
    }

    private void begin(ByteBuffer message) throws IOException {
        int size = message.getInt(4);
        if (message.getInt(0) != -1 || size < 0 || size > MAX_METADATA_BYTES) {
            throw new IOException("a message that begins with " + message.getInt(0) + " and " + size);
        }
        length = 0;
        if (size > 0) {
            metadataBytes = size;
            await(size, false);
            return;
        }
        if (open == null) {
            throw new IOException("the end of a stream before its beginning");
        }
        open = null;
        streams++;
        await(PREFIX_BYTES, true);
    }

    private void await(int bytes, boolean isPrefix) {
        if (bytes > buffer.length) {
            memory.accept(bytes - buffer.length);
            buffer = Arrays.copyOf(buffer, bytes);
        }
        needed = bytes;
        prefix = isPrefix;
    }

    private void read(Message head, ByteBuffer body) throws IOException {
        if (head.headerType() == MessageHeader.Schema && open == null) {
            schema(head);
            return;
        }
        BatchReader reader = open;
        if (reader == null) {
            throw new IOException("a message before the schema");
        }
        memory.accept(body.capacity() + OVERHEAD_BYTES);
        switch (head.headerType()) {
            case MessageHeader.DictionaryBatch ->
                reader.dictionary(present((DictionaryBatch) head.header(new DictionaryBatch())), body);
            case MessageHeader.RecordBatch -> {
                RecordBatch batch = present((RecordBatch) head.header(new RecordBatch()));
                memory.accept(Integer.BYTES * Math.max(0, batch.length()));
                rows.add(reader.rows(batch, body));
            }
            default -> throw new IOException("a message of type " + head.headerType());
        }
    }

    private void schema(Message head) throws IOException {
        Schema schema = Schema.convertSchema(
                present((org.apache.arrow.flatbuf.Schema) head.header(new org.apache.arrow.flatbuf.Schema())));
        String flushId = schema.getCustomMetadata().get(HotStream.FLUSH_ID);
        String measurement = schema.getCustomMetadata().get(HotStream.MEASUREMENT);
        if (flushId == null || measurement == null) {
            throw new IOException("a schema that names no flush");
        }
        memory.accept(OVERHEAD_BYTES);
        open = new BatchReader(measurement, HotLayout.of(schema));
        rows = parts.computeIfAbsent(flushId, id -> new ArrayList<>());
    }

    private static <T> T present(@Nullable T header) throws IOException {
        if (header == null) {
            throw new IOException("a message without a header");
        }
        return header;
    }

    /**
     * Ends the answer.
     *
     * @param expected how many streams it was to have
     * @return the parts that have rows in it
     * @throws IOException when it was cut off
     */
    public List<HotPart> finish(int expected) throws IOException {
        if (open != null || !prefix || length > 0 || streams != expected) {
            throw new IOException("hot rows that end within stream " + (streams + 1) + " of " + expected);
        }
        List<HotPart> read = new ArrayList<>();
        parts.forEach((flushId, batches) -> read.add(new HotPart(flushId, batches)));
        return read;
    }
}
