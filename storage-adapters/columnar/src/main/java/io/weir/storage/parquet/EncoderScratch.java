package io.weir.storage.parquet;

import java.io.IOException;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;

/**
 * Buffers and native contexts of one file being encoded, shared by its encoders one after the other, and by one file after
 * the other. What grew large for one file is dropped when it is done ({@link #trim}). Not thread-safe; whoever made it
 * releases it.
 */
final class EncoderScratch {

    private static final int KEPT_BYTES = 8 << 20;

    private final PageCompressor compressor;
    private final BatchOrder order = new BatchOrder();
    private final SpanPresence spanPresence = new SpanPresence();
    private final Presence presence = new Presence();
    private final NumberDictionary numberDictionary = new NumberDictionary();
    private final Utf8Interner strings = new Utf8Interner();
    private final DeltaPacking deltas = new DeltaPacking();
    private final ValueSample sample = new ValueSample(deltas);
    private final RunPacking runs = new RunPacking();
    private final PageBuffer values = new PageBuffer();
    private final PageBuffer entries = new PageBuffer();
    private final PageBuffer encoded = new PageBuffer();
    private long[] numbers = new long[0];
    private int[] codes = new int[0];
    private int spanFrom;
    private int spanTo;
    private int at;

    EncoderScratch(DataFileOptions options) {
        this.compressor = new PageCompressor(options.compression().codec(), options.zstdLevel());
    }

    /** Starts the span of sorted rows {@code [from, to)}: one or more row groups, none above {@code rowGroupRows} rows. */
    void startSpan(SortedRows rows, int from, int to, int rowGroupRows) {
        spanFrom = from;
        spanTo = to;
        order.take(rows, from, to);
        if (numbers.length < to - from) {
            numbers = new long[to - from];
        }
        int most = Math.min(to - from, rowGroupRows);
        if (codes.length < most + Byte.SIZE) {
            codes = new int[most + Byte.SIZE];
        }
        presence.reserve(most);
        encoded.clear();
    }

    PageCompressor compressor() {
        return compressor;
    }

    /** The pages of the span as far as they are encoded. */
    PageBuffer encoded() {
        return encoded;
    }

    /** The rows of the span by batch. */
    BatchOrder order() {
        return order;
    }

    /** Number of rows of the span. */
    int spanRows() {
        return spanTo - spanFrom;
    }

    /** Which rows of the span have a value; for columns that gather. */
    SpanPresence spanPresence() {
        return spanPresence;
    }

    /** Sets {@link #presence} and {@link #numbers} to sorted rows {@code [from, to)} of what was gathered. */
    void takeGathered(int from, int to) {
        at = from - spanFrom;
        presence.take(spanPresence, at, to - spanFrom);
        presence.compact(numbers, at);
    }

    /** By row of the span while values are gathered; then, from {@link #at} on, those that are present, in row order. */
    long[] numbers() {
        return numbers;
    }

    /** Where in {@link #numbers} the row group begins that is being encoded. */
    int at() {
        return at;
    }

    /** Dictionary codes of values that are present, in row order; has room for 8 more. */
    int[] codes() {
        return codes;
    }

    Presence presence() {
        return presence;
    }

    NumberDictionary numberDictionary() {
        return numberDictionary;
    }

    Utf8Interner strings() {
        return strings;
    }

    DeltaPacking deltas() {
        return deltas;
    }

    ValueSample sample() {
        return sample;
    }

    RunPacking runs() {
        return runs;
    }

    /** The page being encoded, cleared by whoever begins one. */
    PageBuffer values() {
        return values;
    }

    /** The dictionary being encoded, likewise. */
    PageBuffer entries() {
        return entries;
    }

    /** Adds a dictionary page and a page of {@link #codes} of the values that are present. */
    void writeDictionary(int size, Statistics<?> statistics, ColumnChunk chunk) throws IOException {
        chunk.dictionary(entries, size);
        values.clear();
        DictionaryCodes.encode(codes, presence.values(), size, runs, values);
        chunk.page(presence, Encoding.RLE_DICTIONARY, values, statistics);
    }

    /** Drops buffers that an unusual file made large. */
    void trim() {
        values.shrink(KEPT_BYTES);
        entries.shrink(KEPT_BYTES);
        encoded.shrink(KEPT_BYTES);
        strings.clear();
        compressor.trim();
    }

    /** Frees the native context; this must not be used afterwards. */
    void release() {
        compressor.release();
    }
}
