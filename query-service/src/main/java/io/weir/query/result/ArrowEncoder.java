package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowDictionaryBatch;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.DictionaryUtility;

/**
 * An Arrow IPC stream of the engine's own vectors: schema, dictionaries before the first batch, record batches of at most
 * about 512 KiB, end of stream. An enum is a dictionary of strings; an integer of 128 bits a {@code decimal128(38, 0)}.
 */
final class ArrowEncoder extends ResultEncoder<OutputBytes> {

    private static final int BATCH_BYTES = 512 * 1024;
    /** Twice the usual: copying vectors costs so little that handing over chunks would show. */
    private static final int ARROW_CHUNK_BYTES = 2 * CHUNK_BYTES;

    private final IpcOption option = new IpcOption();
    private final Set<Long> dictionaryIds = new TreeSet<>();
    private WideIntegers wideIntegers = WideIntegers.none();
    private boolean dictionariesWritten;
    private int row;
    private int rows;

    ArrowEncoder(RowLimit limit) {
        super(limit, new OutputBytes(CAPACITY));
    }

    @Override
    void begin(ResultCursor cursor) throws IOException {
        List<Field> inMemory = cursor.batch().getSchema().getFields(); // which makes the dictionaries known, too
        DictionaryProvider provider = provider(cursor.dictionaries());
        List<Field> fields = new ArrayList<>();
        for (Field field : inMemory) {
            fields.add(DictionaryUtility.toMessageFormat(field, provider, dictionaryIds));
        }
        MessageSerializer.serialize(channel(), new Schema(fields), option);
    }

    private static DictionaryProvider provider(Map<Long, Dictionary> dictionaries) {
        return new DictionaryProvider() {
            @Override
            public Dictionary lookup(long id) {
                return Objects.requireNonNull(dictionaries.get(id), "a dictionary that was announced");
            }

            @Override
            public Set<Long> getDictionaryIds() {
                return new HashSet<>(dictionaries.keySet());
            }
        };
    }

    @Override
    boolean more(ResultCursor cursor) throws IOException {
        if (row == rows) {
            if (!cursor.advance()) {
                return end();
            }
            row = cursor.firstRow();
            rows = cursor.endRow();
            if (!dictionariesWritten) {
                dictionariesWritten = true;
                writeDictionaries(cursor.dictionaries());
                wideIntegers = WideIntegers.of(cursor);
            }
        }
        int offered = Math.min(rows - row, BatchSize.rows(cursor.batch(), BATCH_BYTES));
        int taken = limit.take(offered);
        if (taken > 0) {
            wideIntegers.requireFit(row, taken);
            write(cursor.batch(), row, taken);
            row += taken;
        }
        return taken == offered || end();
    }

    private void writeDictionaries(Map<Long, Dictionary> dictionaries) throws IOException {
        for (long id : dictionaryIds) { // ascending, and the engine nests none in another
            FieldVector words = Objects.requireNonNull(dictionaries.get(id)).getVector();
            VectorSchemaRoot root =
                    new VectorSchemaRoot(List.of(words.getField()), List.of(words), words.getValueCount());
            try (ArrowDictionaryBatch batch =
                    new ArrowDictionaryBatch(id, new VectorUnloader(root).getRecordBatch(), false)) {
                MessageSerializer.serialize(channel(), batch, option);
            }
        }
    }

    private void write(VectorSchemaRoot batch, int from, int count) throws IOException {
        if (count == batch.getRowCount()) {
            write(batch);
            return;
        }
        try (VectorSchemaRoot part = batch.slice(from, count)) {
            write(part);
        }
    }

    private void write(VectorSchemaRoot batch) throws IOException {
        try (ArrowRecordBatch message = new VectorUnloader(batch).getRecordBatch()) {
            MessageSerializer.serialize(channel(), message, option);
        }
    }

    private boolean end() throws IOException {
        ArrowStreamWriter.writeEndOfStream(channel(), option);
        return false;
    }

    /** A channel into the gathered bytes; messages are padded each on its own, so each may have a channel of its own. */
    private WriteChannel channel() {
        return new WriteChannel(new Sink(out));
    }

    @Override
    int chunkBytes() {
        return ARROW_CHUNK_BYTES;
    }

    @Override
    boolean eager() {
        return true;
    }

    @Override
    boolean divisible() {
        return true;
    }

    /** Gathers what is written to it. */
    private record Sink(OutputBytes out) implements WritableByteChannel {

        @Override
        public int write(ByteBuffer source) {
            int length = source.remaining();
            out.raw(source);
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // The bytes are the encoder's.
        }
    }
}
