package io.weir.ingest.decode;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.Utf8DictionaryBuilder;
import io.weir.common.model.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Decodes a MessagePack body into column batches: columnar maps, row maps, batches and arrays of them
 * (docs/formats/messagepack.md). All or nothing: the first fault fails the request. The body is collected, then read
 * twice, first for its structure and types, then for its values. One decoder a request; not thread-safe, but calls may
 * come from different threads one after the other.
 */
public final class MessagePackDecoder implements BodyDecoder {

    private static final int MAX_DEPTH = 4;
    private static final int MEASUREMENT_BYTES = 512;
    private static final long TRUSTED_BYTES = 1 << 20;
    private static final long TRUSTED_TIMES = 64;
    /** Bodies as long as that are worth an array that was used before. */
    private static final long SHELVED_BYTES = 64 << 10;
    /** Room for a longer body takes a while to get. */
    private static final long BRIEF_BYTES = 4 << 20;

    private final DecodeOptions options;
    private final Utf8DictionaryBuilder names;
    private final List<PackedMeasurement> measurements = new ArrayList<>();
    private final PackedPlace place = new PackedPlace();
    private final PackedItem item;
    private byte[] body = {};
    private int length;
    private long charged;

    /** A decoder for one request; precision AUTO means by magnitude over each whole column. */
    public MessagePackDecoder(DecodeOptions options) {
        LongConsumer memory = delta -> {
            options.memory().accept(delta);
            charged += delta;
        };
        this.options = options.withMemory(memory);
        this.names = new Utf8DictionaryBuilder(memory);
        this.item = new PackedItem(
                options.series() == null ? null : options.series().texts());
    }

    /** Bytes charged so far: what a caller that drops this decoder has to give back. */
    public long chargedBytes() {
        return charged;
    }

    /**
     * Collects the next piece of the body, {@code buffer[offset, offset + count)}. The buffer is not kept.
     *
     * @throws io.weir.common.error.WeirException what the memory listener throws; the decoder must then be dropped
     */
    @Override
    public void feed(byte[] buffer, int offset, int count) {
        if (count > body.length - length) {
            long needed = (long) length + count;
            if (needed > Integer.MAX_VALUE - 8) {
                throw new IllegalStateException("a MessagePack body cannot be longer than 2 GiB");
            }
            long capacity = Math.min(capacity(needed), Integer.MAX_VALUE - 8);
            options.memory().accept(capacity - body.length);
            body = body.length == 0 && capacity >= SHELVED_BYTES
                    ? take((int) capacity)
                    : Arrays.copyOf(body, (int) capacity);
        }
        System.arraycopy(buffer, offset, body, length, count);
        length += count;
    }

    /** An array of {@code capacity} bytes, or of a little more when an idle one is longer. */
    private byte[] take(int capacity) {
        byte[] idle = BodyShelf.SHARED.take(capacity, 2L * capacity);
        if (idle.length == 0) {
            return new byte[capacity];
        }
        options.memory().accept(idle.length - capacity);
        return idle;
    }

    @Override
    public boolean feedsBriefly() {
        long length = options.bodyBytes();
        return length != DecodeOptions.UNKNOWN_LENGTH && length <= BRIEF_BYTES;
    }

    /** Room for {@code needed} bytes and, as far as what the client says of its length is credible, for the rest. */
    private long capacity(long needed) {
        long said = options.bodyBytes();
        if (said >= needed && said <= Math.max(TRUSTED_BYTES, needed * TRUSTED_TIMES)) {
            return said;
        }
        return Math.max(needed, body.length + (body.length >> 1));
    }

    /**
     * Decodes what was collected.
     *
     * @return all rows; none rejected
     * @throws io.weir.common.error.WeirException {@code invalid-messagepack} with {@code index} (item of the request),
     *     {@code column}, {@code row} (value of the column), {@code reason} and {@code offset} (byte of the body), as far
     *     as they are known; or what the memory listener throws. The decoder must then be dropped
     */
    @Override
    public DecodedWrite finish() {
        DecodedWrite write = decode(body, 0, length);
        BodyShelf.SHARED.putBack(body);
        body = new byte[0];
        return write;
    }

    /** Decodes a whole body at once, {@code bytes[offset, offset + count)}, in place of {@link #feed}; see {@link #finish}. */
    public DecodedWrite decode(byte[] bytes, int offset, int count) {
        MessagePackCursor cursor = new MessagePackCursor(bytes, offset, offset + count);
        PackedTimes rowTimes = new PackedTimes(options);
        PackedFill fill = new PackedFill(cursor, place, options, rowTimes);
        try {
            walk(cursor, new PackedSurvey(cursor, place, rowTimes), offset);
            walk(cursor, fill, offset);
        } catch (MessagePackFault fault) {
            throw place.answer(fault, bytes, offset);
        }
        measurements.forEach(fill::close);
        fill.learn();
        List<ColumnBatch> batches = fill.batches();
        options.memory()
                .accept(batches.stream().mapToLong(ColumnBatch::sizeBytes).sum() - charged);
        return new DecodedWrite(batches, fill.rows(), 0, List.of());
    }

    private void walk(MessagePackCursor cursor, PackedVisitor visitor, int start) {
        place.reset();
        cursor.seek(start);
        value(cursor, visitor, 1);
        if (!cursor.atEnd()) {
            place.reset();
            throw new MessagePackFault(cursor.position(), "more bytes behind the end of the value");
        }
    }

    private void value(MessagePackCursor cursor, PackedVisitor visitor, int depth) {
        if (depth > MAX_DEPTH) {
            throw new MessagePackFault(cursor.position(), "arrays and batches nested deeper than " + MAX_DEPTH);
        }
        switch (cursor.type()) {
            case ARRAY -> {
                for (int left = cursor.readArray(); left > 0; left--) {
                    value(cursor, visitor, depth + 1);
                }
            }
            case MAP -> {
                place.nextItem();
                item.read(cursor);
                int behind = cursor.position();
                if (item.isBatch()) {
                    place.previousItem();
                    cursor.seek(item.batch());
                    if (cursor.type() != MessagePackType.ARRAY) {
                        throw new MessagePackFault(item.batch(), "batch is not an array");
                    }
                    value(cursor, visitor, depth + 1);
                } else {
                    PackedMeasurement measurement = measurement(cursor);
                    if (item.isColumnar()) {
                        visitor.columns(item, measurement);
                    } else {
                        visitor.row(item, measurement);
                    }
                    place.noColumn();
                }
                cursor.seek(behind);
            }
            default ->
                throw new MessagePackFault(
                        cursor.position(), "found " + cursor.type().noun() + " (expected: a map or an array of maps)");
        }
    }

    private PackedMeasurement measurement(MessagePackCursor cursor) {
        cursor.seek(item.measurement());
        cursor.readText();
        byte[] bytes = cursor.bytes();
        int code = names.find(bytes, cursor.textStart(), cursor.textEnd());
        if (code >= 0) {
            return measurements.get(code);
        }
        if (Utf8.firstInvalid(bytes, cursor.textStart(), cursor.textEnd()) >= 0) {
            throw new MessagePackFault(item.measurement(), "measurement name is not UTF-8");
        }
        String name = cursor.text();
        String fault = Names.measurementFault(name);
        if (fault == null) {
            fault = Names.nameFault("measurement", name);
        }
        if (fault != null) {
            throw new MessagePackFault(item.measurement(), fault);
        }
        options.memory().accept(MEASUREMENT_BYTES);
        names.intern(bytes, cursor.textStart(), cursor.textEnd());
        PackedMeasurement measurement = new PackedMeasurement(name, options);
        measurements.add(measurement);
        return measurement;
    }
}
