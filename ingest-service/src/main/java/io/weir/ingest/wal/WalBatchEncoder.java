package io.weir.ingest.wal;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * Puts column batches into frames, column by column, without an object per row. {@link #measure} first checks a batch
 * and finds its exact size, then {@link #write} puts it. Reusable; used by one thread.
 *
 * <pre>
 * batch     4  bytes that follow
 *           1  version, 1
 *           1  flags: 1 nanoseconds
 *           4  rows      4  series      4  tags      4  fields
 *           name         measurement
 *           packed       time in microseconds, by row
 *           packed       nanoseconds 0–999, by row (flag 1)
 *           packed       series, by row
 *           tag*         name, 4 dictionary entries, 4 dictionary bytes, packed lengths, bytes,
 *                        packed code + 1 by series (0: the series lacks the tag)
 *           field*       name, 1 column type code, 1 flags (1 validity), validity, values
 *
 * name      2 length, UTF-8
 * packed    1 width (1, 2, 4 or 8), 8 base, then width bytes each: value − base, unsigned
 * validity  8 bytes for every 64 rows begun, bit i % 64 of word i / 64, unused bits zero
 * values    of the rows that have one:
 *           integer, unsigned   packed
 *           float               8 bytes IEEE 754 each
 *           boolean             bits by row, like validity (0 where there is no value)
 *           string              4 bytes in all, packed lengths by row, bytes
 *           string, coded       4 entries, 4 bytes in all, packed lengths by entry, bytes, packed entries by row
 * </pre>
 *
 * <p>Every row costs at least a byte in the time column and in the series column, so a damaged batch cannot ask its
 * reader for much more memory than it is long.
 */
final class WalBatchEncoder {

    /** Of batches without coded strings, which software before version 2 reads too. */
    static final int PLAIN_VERSION = 1;

    static final int VERSION = 2;
    static final int FLAG_NANOS = 1;
    static final int FLAG_VALIDITY = 1;
    static final int FLAG_CODED = 2;
    static final int PACKED_HEADER_BYTES = 9;

    private static final int BATCH_HEADER_BYTES = 18;
    private static final int MAX_NAME_BYTES = 0xFFFF;

    private final ColumnPacking packing = new ColumnPacking();

    /** Forgets what was measured. */
    void reset() {
        packing.reset();
    }

    /**
     * The exact number of bytes {@link #write} will put for this batch. Batches are written in the order in which they
     * were measured since {@link #reset}.
     *
     * @throws WalFormatException when the batch contradicts itself, and so could not be read back
     */
    long measure(ColumnBatch batch) throws WalFormatException {
        int rows = batch.rows();
        SeriesTable series = batch.series();
        require(
                batch.timeMicros().length >= rows && batch.seriesOfRow().length >= rows,
                "it has fewer times or series than its " + rows + " rows");
        Set<String> names = new HashSet<>();
        long bytes = Integer.BYTES + BATCH_HEADER_BYTES + nameBytes(batch.measurement());
        bytes += packing.measure(LongSource.of(batch.timeMicros()), rows, Long.MIN_VALUE, Long.MAX_VALUE, "time");
        short[] nanos = batch.timeNanos();
        if (nanos != null) {
            require(nanos.length >= rows, "it has fewer nanoseconds than rows");
            bytes += packing.measure(LongSource.of(nanos), rows, 0, 999, "nanoseconds");
        }
        bytes += packing.measure(LongSource.of(batch.seriesOfRow(), 0), rows, 0, series.size() - 1L, "series of a row");
        for (int tag = 0; tag < series.tagNames().size(); tag++) {
            bytes += measureTag(series, tag, names);
        }
        for (FieldColumn field : batch.fields()) {
            bytes += measureField(field, rows, names);
        }
        return bytes;
    }

    private long measureTag(SeriesTable series, int tag, Set<String> names) throws WalFormatException {
        String name = series.tagNames().get(tag);
        Utf8Dictionary dictionary = series.dictionary(tag);
        require(names.add(name), "two columns are named " + name);
        require(series.codes(tag).length >= series.size(), "tag " + name + " has fewer codes than series");
        long bytes = nameBytes(name) + 2 * Integer.BYTES + textBytes(dictionary, dictionary.size());
        bytes += packing.measure(LongSource.lengths(dictionary), dictionary.size(), 0, Integer.MAX_VALUE, name);
        return bytes + packing.measure(LongSource.of(series.codes(tag), 1), series.size(), 0, dictionary.size(), name);
    }

    private long measureField(FieldColumn field, int rows, Set<String> names) throws WalFormatException {
        require(names.add(field.name()), "two columns are named " + field.name());
        long bytes = nameBytes(field.name()) + 2;
        long[] validity = field.validity();
        int present = rows;
        if (validity != null) {
            require(validity.length >= Bits.words(rows), field.name() + " has too short a validity");
            bytes += 8L * Bits.words(rows);
            present = Bits.cardinality(validity, rows);
        }
        if (field instanceof LongColumn column) {
            require(column.values().length >= rows, field.name() + " has fewer values than rows");
            return bytes + packing.measure(source(column), present, Long.MIN_VALUE, Long.MAX_VALUE, field.name());
        }
        if (field instanceof DoubleColumn column) {
            require(column.values().length >= rows, field.name() + " has fewer values than rows");
            return bytes + 8L * present;
        }
        if (field instanceof BooleanColumn column) {
            require(column.bits().length >= Bits.words(rows), field.name() + " has fewer values than rows");
            return bytes + 8L * Bits.words(rows);
        }
        return bytes + measureStrings((StringColumn) field, rows);
    }

    private long measureStrings(StringColumn column, int rows) throws WalFormatException {
        Utf8Dictionary texts = column.texts();
        int[] codes = column.codes();
        int entries = codes == null ? rows : texts.size();
        require(
                texts.size() >= entries && (entries == 0 || texts.end(entries - 1) <= column.bytes().length),
                column.name() + " has offsets beyond its bytes");
        long bytes = packing.measure(LongSource.lengths(texts), entries, 0, Integer.MAX_VALUE, column.name());
        bytes += Integer.BYTES + textBytes(texts, entries);
        if (codes == null) {
            return bytes;
        }
        require(codes.length >= rows, column.name() + " has fewer codes than rows");
        return Integer.BYTES
                + bytes
                + packing.measure(LongSource.of(codes, 0), rows, 0, texts.size() - 1L, column.name());
    }

    /** Puts a measured batch of {@code bytes} bytes. */
    void write(ColumnBatch batch, long bytes, FrameOutput out) throws IOException {
        int rows = batch.rows();
        SeriesTable series = batch.series();
        short[] nanos = batch.timeNanos();
        out.room(Integer.BYTES + BATCH_HEADER_BYTES)
                .putInt((int) bytes - Integer.BYTES)
                .put((byte) (batch.fields().stream().anyMatch(WalBatchEncoder::isCoded) ? VERSION : PLAIN_VERSION))
                .put((byte) (nanos == null ? 0 : FLAG_NANOS))
                .putInt(rows)
                .putInt(series.size())
                .putInt(series.tagNames().size())
                .putInt(batch.fields().size());
        writeName(batch.measurement(), out);
        packing.write(LongSource.of(batch.timeMicros()), rows, out);
        if (nanos != null) {
            packing.write(LongSource.of(nanos), rows, out);
        }
        packing.write(LongSource.of(batch.seriesOfRow(), 0), rows, out);
        for (int tag = 0; tag < series.tagNames().size(); tag++) {
            Utf8Dictionary dictionary = series.dictionary(tag);
            writeName(series.tagNames().get(tag), out);
            out.room(Integer.BYTES).putInt(dictionary.size());
            writeTexts(dictionary, dictionary.size(), out);
            packing.write(LongSource.of(series.codes(tag), 1), series.size(), out);
        }
        for (FieldColumn field : batch.fields()) {
            writeField(field, rows, out);
        }
    }

    private void writeField(FieldColumn field, int rows, FrameOutput out) throws IOException {
        writeName(field.name(), out);
        long[] validity = field.validity();
        int flags = (validity == null ? 0 : FLAG_VALIDITY) | (isCoded(field) ? FLAG_CODED : 0);
        out.room(2).put((byte) field.type().code()).put((byte) flags);
        int present = rows;
        if (validity != null) {
            ColumnPacking.writeBits(validity, null, rows, out);
            present = Bits.cardinality(validity, rows);
        }
        if (field instanceof LongColumn column) {
            packing.write(source(column), present, out);
        } else if (field instanceof DoubleColumn column) {
            if (validity == null) {
                ColumnPacking.writeDoubles(column.values(), rows, out);
            } else {
                packing.writeRaw(LongSource.present(column.values(), validity), present, out);
            }
        } else if (field instanceof BooleanColumn column) {
            ColumnPacking.writeBits(column.bits(), validity, rows, out);
        } else {
            writeStrings((StringColumn) field, rows, out);
        }
    }

    private void writeStrings(StringColumn column, int rows, FrameOutput out) throws IOException {
        Utf8Dictionary texts = column.texts();
        int[] codes = column.codes();
        if (codes != null) {
            out.room(Integer.BYTES).putInt(texts.size());
        }
        writeTexts(texts, codes == null ? rows : texts.size(), out);
        if (codes != null) {
            packing.write(LongSource.of(codes, 0), rows, out);
        }
    }

    /** Puts the first {@code entries} of them: bytes in all, packed lengths, bytes. */
    private void writeTexts(Utf8Dictionary texts, int entries, FrameOutput out) throws IOException {
        int length = textBytes(texts, entries);
        out.room(Integer.BYTES).putInt(length);
        packing.write(LongSource.lengths(texts), entries, out);
        if (entries > 0) {
            out.put(texts.bytes(), texts.start(0), length);
        }
    }

    private static boolean isCoded(FieldColumn field) {
        return field instanceof StringColumn strings && strings.codes() != null;
    }

    private static LongSource source(LongColumn column) {
        long[] validity = column.validity();
        return validity == null ? LongSource.of(column.values()) : LongSource.present(column.values(), validity);
    }

    private static int textBytes(Utf8Dictionary texts, int entries) {
        return entries == 0 ? 0 : texts.end(entries - 1) - texts.start(0);
    }

    /** Bytes a name takes, its length included. */
    static long nameBytes(String name) throws WalFormatException {
        long bytes = name.getBytes(StandardCharsets.UTF_8).length;
        require(bytes <= MAX_NAME_BYTES, "a name is longer than " + MAX_NAME_BYTES + " bytes");
        return Short.BYTES + bytes;
    }

    static void writeName(String name, FrameOutput out) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        out.room(Short.BYTES).putShort((short) bytes.length);
        out.put(bytes, 0, bytes.length);
    }

    private static void require(boolean condition, String fault) throws WalFormatException {
        if (!condition) {
            throw new WalFormatException(fault);
        }
    }
}
