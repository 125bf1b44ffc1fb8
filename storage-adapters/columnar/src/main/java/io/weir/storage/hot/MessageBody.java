package io.weir.storage.hot;

import com.google.flatbuffers.FlatBufferBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * The buffers of one record batch or dictionary as they are gathered, and the message made of them. Used by one thread at a
 * time, for one message after the other.
 *
 * <pre>
 *   0xFFFFFFFF │ length of metadata, a multiple of 8 │ metadata │ buffers, each padded to a multiple of 8
 * </pre>
 */
final class MessageBody {

    /** What ends a stream. */
    private static final byte[] END = {-1, -1, -1, -1, 0, 0, 0, 0};

    private static final int PREFIX_BYTES = 8;
    private static final int FIRST_BYTES = 64 << 10;
    private static final int METADATA_BYTES = 1 << 10;

    private ByteBuffer bytes = allocate(FIRST_BYTES);
    private long[] buffers = new long[32];
    private long[] nodes = new long[16];
    private int bufferCount;
    private int nodeCount;
    private int start;

    private static ByteBuffer allocate(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Begins a message. */
    void begin() {
        bytes.clear();
        bufferCount = 0;
        nodeCount = 0;
    }

    /** Begins a column. */
    void column(int rows, int nulls) {
        nodes = put(nodes, nodeCount++, rows, nulls);
    }

    /** Begins a buffer of at most that many bytes, which the caller puts into what this returns. */
    ByteBuffer buffer(int atMost) {
        start = bytes.position();
        int needed = Math.addExact(start, atMost + Long.BYTES);
        if (needed > bytes.capacity()) {
            ByteBuffer larger =
                    allocate(Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 8, 2L * bytes.capacity())));
            larger.put(bytes.flip());
            bytes = larger;
        }
        return bytes;
    }

    /** Ends the buffer. */
    void endBuffer() {
        buffers = put(buffers, bufferCount++, start, bytes.position() - start);
        while ((bytes.position() & 7) != 0) {
            bytes.put((byte) 0);
        }
    }

    /** A buffer without bytes: of a validity that says nothing. */
    void noBuffer() {
        buffers = put(buffers, bufferCount++, bytes.position(), 0);
    }

    private static long[] put(long[] pairs, int index, long first, long second) {
        long[] target = pairs.length < 2 * index + 2 ? Arrays.copyOf(pairs, 2 * pairs.length) : pairs;
        target[2 * index] = first;
        target[2 * index + 1] = second;
        return target;
    }

    /** The message of a record batch. */
    byte[] recordBatch(int rows) {
        FlatBufferBuilder metadata = new FlatBufferBuilder(METADATA_BYTES);
        return message(metadata, MessageHeader.RecordBatch, header(metadata, rows));
    }

    /** The message of a dictionary, which replaces the one of the same id. */
    byte[] dictionary(long id, int entries) {
        FlatBufferBuilder metadata = new FlatBufferBuilder(METADATA_BYTES);
        int data = header(metadata, entries);
        DictionaryBatch.startDictionaryBatch(metadata);
        DictionaryBatch.addId(metadata, id);
        DictionaryBatch.addData(metadata, data);
        DictionaryBatch.addIsDelta(metadata, false);
        return message(metadata, MessageHeader.DictionaryBatch, DictionaryBatch.endDictionaryBatch(metadata));
    }

    private int header(FlatBufferBuilder metadata, int rows) {
        RecordBatch.startNodesVector(metadata, nodeCount);
        for (int i = nodeCount - 1; i >= 0; i--) {
            FieldNode.createFieldNode(metadata, nodes[2 * i], nodes[2 * i + 1]);
        }
        int columns = metadata.endVector();
        RecordBatch.startBuffersVector(metadata, bufferCount);
        for (int i = bufferCount - 1; i >= 0; i--) {
            Buffer.createBuffer(metadata, buffers[2 * i], buffers[2 * i + 1]);
        }
        int places = metadata.endVector();
        RecordBatch.startRecordBatch(metadata);
        RecordBatch.addLength(metadata, rows);
        RecordBatch.addNodes(metadata, columns);
        RecordBatch.addBuffers(metadata, places);
        return RecordBatch.endRecordBatch(metadata);
    }

    private byte[] message(FlatBufferBuilder metadata, byte type, int header) {
        Message.startMessage(metadata);
        Message.addVersion(metadata, MetadataVersion.V5);
        Message.addHeaderType(metadata, type);
        Message.addHeader(metadata, header);
        Message.addBodyLength(metadata, bytes.position());
        metadata.finish(Message.endMessage(metadata));
        return framed(metadata.dataBuffer(), bytes.flip());
    }

    /** A message of that metadata and that body. */
    static byte[] framed(ByteBuffer metadata, ByteBuffer body) {
        int padded = (metadata.remaining() + 7) & ~7;
        byte[] message = new byte[PREFIX_BYTES + padded + body.remaining()];
        ByteBuffer out = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(-1).putInt(padded).put(metadata);
        out.position(PREFIX_BYTES + padded).put(body);
        return message;
    }

    /** What ends a stream. */
    static byte[] end() {
        return END.clone();
    }
}
