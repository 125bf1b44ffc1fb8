package io.weir.ingest.decode;

import io.weir.common.batch.ColumnBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Decodes a line protocol body that arrives in pieces into column batches. Good lines become rows; a bad line is counted,
 * described and leaves nothing behind, and never costs its neighbours (docs/formats/line-protocol.md). One decoder a
 * request; not thread-safe, but calls may come from different threads one after the other. Only the piece at hand and at
 * most one unfinished line are held besides the batches.
 *
 * <pre>
 *   piece ── complete lines ──► read in place, at their position in the piece
 *        └── unfinished end ──► carried over, completed by the next piece
 * </pre>
 */
public final class LineProtocolDecoder implements BodyDecoder {

    private final DecodeOptions options;
    private final LineErrors errors;
    private final LineMeasurements measurements;
    private final SeriesBook book;
    private final SeriesKeys keys;
    private final LineReader reader;
    private final LineCarry carry;
    private final BodyProgress progress;
    private final LineEnd badLineEnd = new LineEnd();
    private final List<ColumnBatch> batches = new ArrayList<>();
    private long charged;
    private long accepted;
    private long acceptedBefore;
    private long rejectedBefore;
    private int line;
    private boolean skipping;
    private boolean finished;

    /** A decoder for one request. */
    public LineProtocolDecoder(DecodeOptions options) {
        this(options, 1);
    }

    /** @param firstLine number of the line that the body begins with, where it is a piece of something larger */
    public LineProtocolDecoder(DecodeOptions options, int firstLine) {
        this.line = firstLine;
        LongConsumer memory = delta -> {
            options.memory().accept(delta);
            charged += delta;
        };
        this.options = options.withMemory(memory);
        this.errors = new LineErrors(options.limits().maxErrors());
        this.progress = new BodyProgress(options.bodyBytes(), options.limits().maxBatchBytes());
        this.measurements = new LineMeasurements(this.options, progress);
        KnownSeries known = options.series();
        this.book = known == null ? SeriesBook.empty() : known.book();
        this.keys = new SeriesKeys(book, memory);
        this.reader = new LineReader(this.options, measurements, keys);
        this.carry = new LineCarry(options.limits().maxLineBytes(), memory);
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
        read(buffer, offset, length);
        progress.piece(length);
    }

    private void read(byte[] buffer, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (skipping) {
                at = skip(buffer, at, end);
            } else if (carry.isEmpty()) {
                at = carryOn(buffer, decode(buffer, at, end), end);
            } else {
                at = carryOn(buffer, at, end);
            }
        }
    }

    @Override
    public boolean feedsBriefly() {
        return true;
    }

    @Override
    public boolean finishesBriefly() {
        KnownSeries known = options.series();
        return known == null || !known.isLearningLong(book, keys);
    }

    /**
     * Ends the body and returns what was in it; the last line needs no newline.
     *
     * @throws io.weir.common.error.WeirException what the memory listener throws; the decoder must then be dropped
     */
    @Override
    public DecodedWrite finish() {
        endLine();
        finished = true;
        for (LineMeasurement measurement : measurements.all()) {
            measurement.cut(batches);
        }
        KnownSeries known = options.series();
        if (known != null) {
            known.learn(book, keys);
        }
        keys.clear();
        measurements.close();
        carry.close();
        return new DecodedWrite(batches, accepted, errors.count(), errors.first());
    }

    /**
     * Ends a part of the body that stands for itself, such as one message of many that share this decoder: its last line
     * needs no newline, a line that is not complete by now is bad, and what is fed next starts on a line of its own.
     * Lines are counted from 1 in each part.
     *
     * @throws io.weir.common.error.WeirException what the memory listener throws; the decoder must then be dropped
     */
    public LinePart endPart() {
        endLine();
        skipping = false;
        line = 1;
        LinePart part = new LinePart(accepted - acceptedBefore, errors.count() - rejectedBefore, errors.firstOfPart());
        acceptedBefore = accepted;
        rejectedBefore = errors.count();
        errors.beginPart();
        return part;
    }

    private void endLine() {
        while (!carry.isEmpty()) {
            carry.terminate();
            decodeCarry();
        }
    }

    /** Decodes the complete lines of {@code buffer[from, to)}; returns where the first incomplete one starts. */
    private int decode(byte[] buffer, int from, int to) {
        int limit = to;
        while (limit > from && buffer[limit - 1] != '\n') {
            limit--;
        }
        int at = from;
        while (at < limit) {
            int next = decodeLine(buffer, at, limit);
            if (next == LineReader.INCOMPLETE) {
                return at;
            }
            at = next;
            progress.at(at);
        }
        return at;
    }

    /** Decodes the line at {@code start}; returns the start of the next one, or {@link LineReader#INCOMPLETE}. */
    private int decodeLine(byte[] buffer, int start, int limit) {
        int at = start;
        while (buffer[at] == ' ' || buffer[at] == '\t' || buffer[at] == '\r') {
            at++;
        }
        if (buffer[at] == '\n' || buffer[at] == '#') {
            int end = Words.indexOf(buffer, '\n', at, limit) + 1;
            if (end - start > options.limits().maxLineBytes()) {
                reject(LineReader.tooLong(start, options.limits()), buffer, start, end);
            } else {
                line++;
            }
            return end;
        }
        int end;
        try {
            end = reader.read(buffer, start, at, limit);
        } catch (LineFault fault) {
            reader.abort();
            return badLine(fault, buffer, start, limit);
        }
        if (end == LineReader.INCOMPLETE) {
            reader.abort();
            return end;
        }
        accepted++;
        line += 1 + reader.newlines();
        LineMeasurement measurement = reader.current();
        if (measurement != null
                && measurement.builder().sizeBytes() >= options.limits().maxBatchBytes()) {
            measurement.cut(batches);
            keys.clear();
        }
        return end;
    }

    private int badLine(LineFault fault, byte[] buffer, int start, int limit) {
        int end;
        if (fault.endsAtNewline) {
            end = Words.indexOf(buffer, '\n', start, limit) + 1;
        } else {
            badLineEnd.reset();
            end = badLineEnd.find(buffer, start, limit);
            if (end < 0) {
                return LineReader.INCOMPLETE;
            }
        }
        if (end - start > options.limits().maxLineBytes()) {
            end = Words.indexOf(buffer, '\n', start, limit) + 1;
            reject(LineReader.tooLong(start, options.limits()), buffer, start, end);
        } else {
            reject(fault, buffer, start, end);
        }
        return end;
    }

    /** Adds to the unfinished line; decodes it when that completes it, gives it up when it gets too long. */
    private int carryOn(byte[] buffer, int from, int to) {
        if (from == to) {
            return to;
        }
        int at = carry.take(buffer, from, to);
        if (carry.isComplete() || carry.isFull()) {
            decodeCarry();
        }
        return at;
    }

    /** Decodes the carried line, which will not get any longer: what it lacks now, it lacks for good. */
    private void decodeCarry() {
        byte[] bytes = carry.bytes();
        int newline = carry.firstNewline();
        if (newline < 0) {
            reject(LineReader.tooLong(0, options.limits()), bytes, 0, carry.length());
            carry.clear();
            skipping = true;
            return;
        }
        int decoded = carry.isFull() ? 0 : decode(bytes, 0, carry.length());
        if (decoded > 0) {
            byte[] rest = carry.drain(decoded);
            read(rest, 0, rest.length);
            return;
        }
        // A string that does not close: only the line it opens in is bad, what follows is lines again.
        LineFault unclosed = carry.isFull()
                ? LineReader.tooLong(0, options.limits())
                : LineFault.syntax(newline - 1, "string is not closed", "a closing double quote");
        reject(unclosed, bytes, 0, newline);
        byte[] rest = carry.drain(newline);
        read(rest, 0, rest.length);
    }

    private void reject(LineFault fault, byte[] buffer, int start, int end) {
        errors.add(fault, buffer, start, end, line);
        for (int at = start; (at = Words.indexOf(buffer, '\n', at, end)) >= 0; at++) {
            line++;
        }
    }

    private int skip(byte[] buffer, int from, int to) {
        int newline = Words.indexOf(buffer, '\n', from, to);
        if (newline < 0) {
            return to;
        }
        skipping = false;
        line++;
        return newline + 1;
    }
}
