package io.weir.ingest.decode.arrow;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.decode.BodyDecoder;
import io.weir.ingest.decode.BodyShelf;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Decodes an Arrow IPC stream into column batches of one measurement (docs/formats/arrow.md). All or nothing: the first
 * fault fails the request. One message is collected at a time, then read straight into columns. FlatBuffers check
 * nothing, so whatever reading them throws is taken for a fault of the stream. One decoder a request; not thread-safe,
 * but calls may come from different threads one after the other.
 *
 * <pre>
 *   [0xFFFFFFFF] │ metadata length 4 │ metadata (FlatBuffers Message) │ body      … again …      [0xFFFFFFFF] │ 0 as end
 * </pre>
 */
public final class ArrowStreamDecoder implements BodyDecoder {

    private static final int CONTINUATION = -1;
    /** The first four bytes of {@code ARROW1}, which a file begins with. */
    private static final int FILE_MAGIC = 0x4F525241;

    private static final int MAX_METADATA_BYTES = 8 << 20;
    private static final int UNPROVEN_BYTES = 1 << 20;
    private static final int PREFIX_BYTES = 4;

    private enum Part {
        PREFIX,
        LENGTH,
        METADATA,
        BODY,
        END
    }

    private final ArrowParameters parameters;
    private final DecodeOptions options;
    private final LongConsumer memory;
    private final ArrowPlace place = new ArrowPlace();
    private final Message message = new Message();
    private final DictionaryBatch dictionaryHead = new DictionaryBatch();
    private final RecordBatch batchHead = new RecordBatch();
    private final StreamSchema schema;
    private final BatchBody body;
    private final ArrowArray dictionaryValues;
    private @Nullable RowBatches rows;
    private Part part = Part.PREFIX;
    /** The prefix or the metadata, as far as it has arrived. */
    private byte[] metadata = new byte[PREFIX_BYTES];
    /** The body, as far as it has arrived. */
    private byte[] buffers = {};

    private int length;
    private int needed = PREFIX_BYTES;
    private long position;
    private long messageStart;
    private long charged;

    /** A decoder for one request; precision AUTO means by magnitude over the whole column of integer times. */
    public ArrowStreamDecoder(DecodeOptions options, ArrowParameters parameters) {
        this.parameters = parameters;
        this.options = options;
        this.memory = delta -> {
            options.memory().accept(delta);
            charged += delta;
        };
        this.schema = new StreamSchema(parameters, options, memory, place);
        this.body = new BatchBody(new ByteAllowance(parameters.maxBytes()), memory);
        this.dictionaryValues = new ArrowArray(body);
    }

    /** Bytes charged so far: what a caller that drops this decoder has to give back. */
    public long chargedBytes() {
        return charged;
    }

    /**
     * Decodes the next piece of the body, {@code buffer[offset, offset + count)}. The buffer is not kept.
     *
     * @throws WeirException {@code invalid-arrow} with {@code index} (record batch), {@code column}, {@code row} (of the
     *     record batch), {@code reason} and {@code offset} (first byte of the message), as far as they are known; {@code
     *     body-too-large} when it unfolds to more than is allowed; or what the memory listener throws. The decoder must
     *     then be dropped
     */
    @Override
    public void feed(byte[] buffer, int offset, int count) {
        try {
            int at = offset;
            int end = offset + count;
            while (at < end) {
                int taken = Math.min(needed - length, end - at);
                collect(buffer, at, taken);
                at += taken;
                position += taken;
                while (length == needed && part != Part.END) {
                    step();
                }
            }
        } catch (ArrowFault fault) {
            throw place.answer(fault);
        }
    }

    /**
     * Ends the stream.
     *
     * @return all rows; none rejected
     * @throws WeirException as {@link #feed}; also when the stream ends within a message, or before its schema
     */
    @Override
    public DecodedWrite finish() {
        try {
            if (part != Part.END && (part != Part.PREFIX || length > 0)) {
                throw new ArrowFault("the stream ends within a message, at byte " + position);
            }
            if (rows == null) {
                throw new ArrowFault("the stream has no schema message");
            }
            List<ColumnBatch> batches = rows.finish();
            BodyShelf.SHARED.putBack(buffers);
            buffers = new byte[0];
            memory.accept(batches.stream().mapToLong(ColumnBatch::sizeBytes).sum() - charged);
            return new DecodedWrite(batches, rows.totalRows(), 0, List.of());
        } catch (ArrowFault fault) {
            throw place.answer(fault);
        }
    }

    private void collect(byte[] buffer, int at, int count) {
        if (part == Part.END) {
            throw new ArrowFault("more bytes behind the end of the stream, at byte " + position);
        }
        if (part == Part.PREFIX && length == 0) {
            messageStart = position;
            place.message(position);
        }
        if (part == Part.BODY) {
            if (buffers.length == 0) {
                buffers = BodyShelf.SHARED.take();
                memory.accept(buffers.length);
            }
            buffers = reserve(buffers, count);
            System.arraycopy(buffer, at, buffers, length, count);
        } else {
            metadata = reserve(metadata, count);
            System.arraycopy(buffer, at, metadata, length, count);
        }
        length += count;
    }

    /** A length is only believed as far as bytes have come: beyond the first MiB memory follows the stream. */
    private byte[] reserve(byte[] target, int count) {
        if (length + count <= target.length) {
            return target;
        }
        int capacity = (int) Math.min(needed, Math.max(UNPROVEN_BYTES, 2L * (length + count)));
        memory.accept(capacity - target.length);
        return Arrays.copyOf(target, capacity);
    }

    private void step() {
        switch (part) {
            case PREFIX -> {
                int word = LittleEndian.intAt(metadata, 0);
                if (word == CONTINUATION) {
                    go(Part.LENGTH, PREFIX_BYTES);
                } else {
                    metadataLength(word);
                }
            }
            case LENGTH -> metadataLength(LittleEndian.intAt(metadata, 0));
            case METADATA -> metadata();
            case BODY -> {
                body();
                go(Part.PREFIX, PREFIX_BYTES);
            }
            case END -> throw new IllegalStateException("nothing follows the end");
        }
    }

    private void metadataLength(int size) {
        if (size == 0) {
            go(Part.END, PREFIX_BYTES);
        } else if (size == FILE_MAGIC && messageStart == 0) {
            throw new ArrowFault("is an Arrow file (expected: an Arrow stream)");
        } else if (size < 0 || size > MAX_METADATA_BYTES) {
            throw new ArrowFault("metadata of " + size + " bytes (expected: 1 to " + MAX_METADATA_BYTES
                    + ", as an Arrow stream begins each message)");
        } else {
            go(Part.METADATA, size);
        }
    }

    private void metadata() {
        long bodyLength = guarded(() -> {
            ByteBuffer buffer = ByteBuffer.wrap(metadata, 0, needed).order(ByteOrder.LITTLE_ENDIAN);
            Message.getRootAsMessage(buffer, message);
            short version = message.version();
            if (version != MetadataVersion.V4 && version != MetadataVersion.V5) {
                throw new ArrowFault("metadata of version " + (version + 1) + " (expected: 4 or 5)");
            }
            if (message.headerType() == MessageHeader.Schema) {
                schema();
            }
            return message.bodyLength();
        });
        if (bodyLength < 0) {
            throw new ArrowFault("body of " + bodyLength + " bytes (expected: at least 0)");
        }
        if (bodyLength > Math.min(parameters.maxBytes(), Integer.MAX_VALUE - 8)) {
            throw new WeirException(
                    CommonError.BODY_TOO_LARGE,
                    "a message of the Arrow stream has " + bodyLength + " bytes (expected: at most "
                            + parameters.maxBytes() + ", weir.ingest.max-arrow)",
                    Map.of("limit_bytes", parameters.maxBytes()));
        }
        go(Part.BODY, (int) bodyLength);
    }

    private void schema() {
        place.schema();
        if (rows != null) {
            throw new ArrowFault("a second schema (expected: one a stream)");
        }
        schema.read(header(new Schema()));
        rows = new RowBatches(parameters.measurement(), schema.columns(), body, options, memory, place);
    }

    private void body() {
        RowBatches target = rows;
        switch (message.headerType()) {
            case MessageHeader.Schema -> {}
            case MessageHeader.DictionaryBatch -> dictionary();
            case MessageHeader.RecordBatch -> {
                place.nextBatch();
                if (target == null) {
                    throw new ArrowFault("stands before the schema");
                }
                guarded(() -> {
                    body.read(header(batchHead), target.layouts(), buffers, needed);
                    return 0;
                });
                target.append(body);
            }
            default ->
                throw new ArrowFault("message of type " + message.headerType()
                        + " (expected: schema, dictionary batch or record batch)");
        }
    }

    private void dictionary() {
        boolean isDelta = guarded(() -> {
                    DictionaryBatch head = header(dictionaryHead);
                    place.dictionary(head.id());
                    return head.isDelta() ? 1 : 0;
                })
                == 1;
        TagDictionary dictionary = schema.dictionary(dictionaryHead.id());
        if (dictionary == null) {
            throw new ArrowFault("no column of the schema has this dictionary");
        }
        Layout[] layouts = {dictionary.layout()};
        guarded(() -> {
            RecordBatch data = dictionaryHead.data(batchHead);
            if (data == null) {
                throw new ArrowFault("has no values");
            }
            body.read(data, layouts, buffers, needed);
            return 0;
        });
        if (!isDelta) {
            dictionary.clear();
        }
        dictionaryValues.open(body, 0, dictionary.layout());
        dictionary.add(dictionaryValues);
    }

    private <T extends com.google.flatbuffers.Table> T header(T kind) {
        if (message.header(kind) == null) {
            throw new ArrowFault("message without a header");
        }
        return kind;
    }

    private interface Reading {
        long read();
    }

    /** Reads metadata, and takes what FlatBuffers throw over it for a fault of the stream. */
    private static long guarded(Reading reading) {
        try {
            return reading.read();
        } catch (IndexOutOfBoundsException
                | NegativeArraySizeException
                | IllegalArgumentException
                | ArithmeticException e) {
            throw new ArrowFault("metadata that is not well-formed");
        }
    }

    private void go(Part next, int size) {
        part = next;
        needed = size;
        length = 0;
    }
}
