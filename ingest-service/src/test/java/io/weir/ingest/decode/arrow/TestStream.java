package io.weir.ingest.decode.arrow;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.compression.CompressionCodec;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.compression.NoCompressionCodec;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowDictionaryBatch;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.MetadataVersion;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Writes Arrow streams message by message with Arrow's own serializer, so that tests decide on each message. */
final class TestStream {

    static final BufferAllocator ALLOCATOR = new RootAllocator();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final WriteChannel channel = new WriteChannel(Channels.newChannel(out));
    private final IpcOption option;
    private final CompressionCodec codec;

    TestStream() {
        this(false, CodecType.NO_COMPRESSION);
    }

    /** A stream in the framing from before 0.15, or with compressed buffers. */
    TestStream(boolean legacy, CodecType compression) {
        option = legacy ? new IpcOption(true, MetadataVersion.V4) : IpcOption.DEFAULT;
        codec = compression == CodecType.NO_COMPRESSION
                ? NoCompressionCodec.INSTANCE
                : CommonsCompressionFactory.INSTANCE.createCodec(compression);
    }

    static Field field(String name, ArrowType type) {
        return new Field(name, FieldType.nullable(type), null);
    }

    /** A field of dictionary {@code id} as the schema message says it: the type is that of the values. */
    static Field dictionaryField(String name, ArrowType values, long id, ArrowType.Int index) {
        return new Field(name, new FieldType(true, values, new DictionaryEncoding(id, false, index)), null);
    }

    TestStream schema(Field... fields) {
        return schema(new Schema(List.of(fields)));
    }

    TestStream schema(Schema schema) {
        try {
            MessageSerializer.serialize(channel, schema, option);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** A dictionary batch. Does not close the vector. */
    TestStream dictionary(long id, FieldVector values, boolean delta) {
        try (ArrowRecordBatch batch = unload(List.of(values), values.getValueCount());
                ArrowDictionaryBatch dictionary = new ArrowDictionaryBatch(id, batch, delta)) {
            MessageSerializer.serialize(channel, dictionary, option);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** A record batch of those columns. Does not close the vectors. */
    TestStream batch(int rows, List<? extends FieldVector> columns) {
        try (ArrowRecordBatch batch = unload(columns, rows)) {
            MessageSerializer.serialize(channel, batch, option);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The stream with its end marker. */
    byte[] end() {
        byte[] open = bytes();
        byte[] marker = option.write_legacy_ipc_format ? new byte[4] : new byte[] {-1, -1, -1, -1, 0, 0, 0, 0};
        byte[] all = Arrays.copyOf(open, open.length + marker.length);
        System.arraycopy(marker, 0, all, open.length, marker.length);
        return all;
    }

    /** The stream so far. */
    byte[] bytes() {
        return out.toByteArray();
    }

    private ArrowRecordBatch unload(List<? extends FieldVector> columns, int rows) {
        VectorSchemaRoot root =
                new VectorSchemaRoot(columns.stream().map(FieldVector::getField).toList(), List.copyOf(columns), rows);
        return new VectorUnloader(root, true, codec, true).getRecordBatch();
    }
}
