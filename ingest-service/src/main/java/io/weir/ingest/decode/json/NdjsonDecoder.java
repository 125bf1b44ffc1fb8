package io.weir.ingest.decode.json;

import io.weir.common.batch.ColumnBatch;
import io.weir.ingest.decode.BodyDecoder;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.LineErrors;
import io.weir.ingest.decode.LineFault;
import io.weir.ingest.decode.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Decodes a body of one JSON object a line, which arrives in pieces, into column batches (docs/formats/ndjson.md). Good
 * lines become rows; a bad line is counted, described and leaves nothing behind, and never costs its neighbours. One
 * decoder a request; not thread-safe, but calls may come from different threads one after the other. Only the piece at
 * hand and at most one unfinished line are held besides the batches.
 */
public final class NdjsonDecoder implements BodyDecoder {

    private final DecodeOptions options;
    private final LineErrors errors;
    private final JsonMeasurements measurements;
    private final JsonRowReader reader;
    private final UnfinishedLine unfinished;
    private final int maxLineBytes;
    private final List<ColumnBatch> batches = new ArrayList<>();
    private long charged;
    private long accepted;
    private int line = 1;
    private boolean skipping;
    private boolean finished;

    /** A decoder for one request whose rows leave {@code defaults} unsaid. */
    public NdjsonDecoder(DecodeOptions options, RowDefaults defaults) {
        LongConsumer memory = delta -> {
            options.memory().accept(delta);
            charged += delta;
        };
        this.options = options.withMemory(memory);
        this.errors = new LineErrors(options.limits().maxErrors());
        this.measurements = new JsonMeasurements(this.options, defaults);
        this.reader = new JsonRowReader(this.options, measurements, false);
        this.maxLineBytes = options.limits().maxLineBytes();
        this.unfinished = new UnfinishedLine(memory);
    }

    /** Bytes charged so far: what a caller that drops this decoder has to give back. */
    public long chargedBytes() {
        return charged;
    }

    /**
     * Decodes the next piece of the body, {@code buffer[offset, offset + length)}. The buffer is not kept.
     *
     * @throws io.weir.common.error.WeirException what the memory listener throws; the decoder must then be dropped
     */
    @Override
    public void feed(byte[] buffer, int offset, int length) {
        if (finished) {
            throw new IllegalStateException("the body is finished");
        }
        int end = offset + length;
        int at = offset;
        if (skipping || !unfinished.isEmpty()) {
            int newline = Words.indexOf(buffer, '\n', offset, end);
            at = newline < 0 ? end : newline + 1;
            finishLine(buffer, offset, at, newline >= 0);
        }
        int limit = end;
        while (limit > at && buffer[limit - 1] != '\n') {
            limit--;
        }
        while (at < limit) {
            at = decodeLine(buffer, at, limit);
        }
        if (at < end) {
            begin(buffer, at, end);
        }
    }

    /**
     * Ends the body and returns what was in it; the last line needs no newline.
     *
     * @throws io.weir.common.error.WeirException what the memory listener throws; the decoder must then be dropped
     */
    @Override
    public DecodedWrite finish() {
        if (!unfinished.isEmpty()) {
            finishLine(new byte[] {'\n'}, 0, 1, true);
        }
        finished = true;
        for (JsonMeasurement measurement : measurements.all()) {
            measurement.cut(batches);
        }
        measurements.close();
        reader.close();
        unfinished.close();
        return new DecodedWrite(batches, accepted, errors.count(), errors.first());
    }

    /** Decodes the line at {@code start}; returns the start of the next one. A newline stands before {@code limit}. */
    private int decodeLine(byte[] buffer, int start, int limit) {
        int at = reader.syntax().space(buffer, start, limit);
        if (buffer[at] == '\n' && at + 1 - start <= maxLineBytes) {
            line++;
            return at + 1;
        }
        try {
            int end = reader.syntax().space(buffer, reader.read(buffer, at, limit), limit);
            if (buffer[end] != '\n') {
                throw reader.syntax().unexpected(buffer, end, limit, "behind the row", "the end of the line");
            }
            if (end + 1 - start > maxLineBytes) {
                throw tooLong(start);
            }
            reader.accept();
            accept();
            return end + 1;
        } catch (LineFault fault) {
            reader.abort();
            int end = Words.indexOf(buffer, '\n', start, limit) + 1;
            errors.add(end - start > maxLineBytes ? tooLong(start) : fault, buffer, start, end, line++);
            return end;
        }
    }

    private void accept() {
        accepted++;
        line++;
        JsonMeasurement measurement = reader.current();
        if (measurement != null
                && measurement.builder().sizeBytes() >= options.limits().maxBatchBytes()) {
            measurement.cut(batches);
        }
    }

    /** Begins a line whose end is not here; one that is too long already is given up. */
    private void begin(byte[] buffer, int from, int to) {
        if (to - from >= maxLineBytes) {
            giveUp(buffer, from, to);
        } else {
            unfinished.add(buffer, from, to);
        }
    }

    /** Adds {@code buffer[from, to)} to the line that has begun, and decodes it when {@code complete}. */
    private void finishLine(byte[] buffer, int from, int to, boolean complete) {
        if (skipping) {
            skipping = !complete;
            line += complete ? 1 : 0;
        } else if (unfinished.length() + (long) to - from > maxLineBytes - (complete ? 0 : 1)) {
            // The newline to come counts too. Never more than a line's worth is kept.
            unfinished.add(buffer, from, Math.min(to, from + maxLineBytes - unfinished.length()));
            giveUp(unfinished.bytes(), 0, unfinished.length());
            unfinished.clear();
            skipping = !complete;
            line += complete ? 1 : 0;
        } else {
            unfinished.add(buffer, from, to);
            if (complete) {
                decodeLine(unfinished.bytes(), 0, unfinished.length());
                unfinished.clear();
            }
        }
    }

    private void giveUp(byte[] buffer, int from, int to) {
        errors.add(tooLong(from), buffer, from, to, line);
        skipping = true;
    }

    private LineFault tooLong(int start) {
        return LineFault.limit(start, "line is too long", "at most " + maxLineBytes + " bytes");
    }
}
