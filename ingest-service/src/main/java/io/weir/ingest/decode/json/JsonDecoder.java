package io.weir.ingest.decode.json;

import io.weir.common.batch.ColumnBatch;
import io.weir.ingest.decode.BodyDecoder;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.LineErrors;
import io.weir.ingest.decode.LineFault;
import io.weir.ingest.decode.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Decodes one JSON document, an object or an array of objects, into column batches; a row is what it is in a line of
 * NDJSON (docs/formats/ndjson.md). A document that is not JSON has no rows and counts as one bad row; in one that is, a
 * bad row leaves nothing behind and does not cost the others. Errors name the line of the document on which reading
 * stopped. The document is collected, checked, then read. One decoder a document; not thread-safe, but calls may come
 * from different threads one after the other.
 */
public final class JsonDecoder implements BodyDecoder {

    private final DecodeOptions options;
    private final LineErrors errors;
    private final JsonMeasurements measurements;
    private final JsonRowReader reader;
    private final List<ColumnBatch> batches = new ArrayList<>();
    private byte[] body = new byte[1];
    private int length;
    private long charged;
    private long accepted;
    /** Line of the row at hand, and where it begins. */
    private int line = 1;

    private int lineStart;

    /** A decoder for one document whose rows leave {@code defaults} unsaid. */
    public JsonDecoder(DecodeOptions options, RowDefaults defaults) {
        LongConsumer memory = delta -> {
            options.memory().accept(delta);
            charged += delta;
        };
        this.options = options.withMemory(memory);
        this.errors = new LineErrors(options.limits().maxErrors());
        this.measurements = new JsonMeasurements(this.options, defaults);
        this.reader = new JsonRowReader(this.options, measurements, true);
    }

    /** Bytes charged so far: what a caller that drops this decoder has to give back. */
    public long chargedBytes() {
        return charged;
    }

    /**
     * Collects the next piece of the document, {@code buffer[offset, offset + count)}. The buffer is not kept.
     *
     * @throws io.weir.common.error.WeirException what the memory listener throws; the decoder must then be dropped
     */
    @Override
    public void feed(byte[] buffer, int offset, int count) {
        // One byte is kept free for the newline that ends the text.
        long needed = (long) length + count + 1;
        if (needed > body.length) {
            if (needed > Integer.MAX_VALUE - 8) {
                throw new IllegalStateException("a JSON document cannot be longer than 2 GiB");
            }
            int capacity = (int) Math.min(Math.max(needed, body.length + (body.length >> 1)), Integer.MAX_VALUE - 8);
            options.memory().accept(capacity - body.length);
            body = Arrays.copyOf(body, capacity);
        }
        System.arraycopy(buffer, offset, body, length, count);
        length += count;
    }

    /**
     * Decodes what was collected.
     *
     * @throws io.weir.common.error.WeirException what the memory listener throws; the decoder must then be dropped
     */
    @Override
    public DecodedWrite finish() {
        body[length] = '\n';
        try {
            int start = reader.syntax().space(body, 0, length);
            int end = reader.syntax().skip(body, start, length);
            int behind = reader.syntax().space(body, end, length);
            if (behind < length) {
                throw reader.syntax().unexpected(body, behind, length, "behind the document", "its end");
            }
            rows(start);
        } catch (LineFault fault) {
            reject(fault);
        }
        for (JsonMeasurement measurement : measurements.all()) {
            measurement.cut(batches);
        }
        measurements.close();
        reader.close();
        options.memory().accept(1 - body.length);
        body = new byte[1];
        return new DecodedWrite(batches, accepted, errors.count(), errors.first());
    }

    private void rows(int start) {
        if (body[start] != '[') {
            row(start);
            return;
        }
        int at = reader.syntax().space(body, start + 1, length);
        while (body[at] != ']') {
            at = reader.syntax().space(body, row(at), length);
            if (body[at] == ',') {
                at = reader.syntax().space(body, at + 1, length);
            }
        }
    }

    /** Reads the row at {@code at}; returns the position after it. */
    private int row(int at) {
        moveTo(at);
        try {
            int end = reader.read(body, at, length);
            reader.accept();
            accepted++;
            JsonMeasurement measurement = reader.current();
            if (measurement != null
                    && measurement.builder().sizeBytes() >= options.limits().maxBatchBytes()) {
                measurement.cut(batches);
            }
            return end;
        } catch (LineFault fault) {
            reader.abort();
            reject(fault);
            return reader.syntax().skip(body, at, length);
        }
    }

    private void reject(LineFault fault) {
        int position = Math.min(fault.position(), length);
        moveTo(position);
        errors.add(fault, body, lineStart, Words.indexOf(body, '\n', position, length + 1), line);
    }

    /** Counts lines up to {@code position}, which is not before where it was last. */
    private void moveTo(int position) {
        for (int at = lineStart; (at = Words.indexOf(body, '\n', at, position)) >= 0; at++) {
            line++;
            lineStart = at + 1;
        }
    }
}
