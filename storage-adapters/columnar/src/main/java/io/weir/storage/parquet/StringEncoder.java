package io.weir.storage.parquet;

import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import java.io.IOException;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a {@code STRING} field: a dictionary when values repeat, else PLAIN pages. Where every batch has the field by
 * codes, or not at all, the codes are gathered and the texts are never looked at; else texts are fetched row by row.
 */
final class StringEncoder implements ColumnEncoder {

    private static final int MAX_DICTIONARY_BYTES = 1 << 20;

    /** A dictionary has at most this part of its rows as entries. */
    private static final int MOST_TEXTS = 3;

    private final int pageBytes;
    private final long[] refs;
    private final @Nullable FieldColumn[] fields;
    private final TextNumbers texts = new TextNumbers();
    private final TextNumbers.Codes codes = new TextNumbers.Codes();
    private boolean gathered;

    /** @param pageBytes size at which a PLAIN page ends */
    StringEncoder(SortedRows rows, Column column, int pageBytes) {
        this.pageBytes = pageBytes;
        this.refs = rows.refs();
        this.fields = rows.field(column);
    }

    @Override
    public void gather(EncoderScratch scratch) {
        gathered = true;
        BatchOrder order = scratch.order();
        scratch.spanPresence().allPresent(scratch.spanRows());
        for (int batch = 0; batch < fields.length && gathered; batch++) {
            if (order.count(batch) == 0) {
                continue;
            }
            if (fields[batch] instanceof StringColumn field) {
                int[] fieldCodes = field.codes();
                int[] numbers = fieldCodes == null ? null : texts.of(field.texts());
                gathered = numbers != null;
                if (fieldCodes != null && numbers != null) {
                    order.scatter(batch, fieldCodes, numbers, scratch.numbers());
                    order.removeNulls(batch, field, scratch.spanPresence());
                }
            } else {
                order.removeAll(batch, scratch.spanPresence());
            }
        }
    }

    @Override
    public void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        if (gathered) {
            scratch.takeGathered(from, to);
            PlainStrings entries = codeGathered(to - from, scratch);
            if (entries != null) {
                dictionaryPage(entries, scratch, chunk);
                return;
            }
        } else if (codeTexts(from, to, scratch)) {
            dictionaryPage(scratch.strings(), scratch, chunk);
            return;
        }
        plainPages(from, to, scratch, chunk);
    }

    /** Codes what was gathered; null when there are so many distinct texts that a dictionary does not pay. */
    private @Nullable PlainStrings codeGathered(int rows, EncoderScratch scratch) {
        codes.begin(texts.size());
        long[] numbers = scratch.numbers();
        int[] out = scratch.codes();
        int at = scratch.at();
        int count = scratch.presence().values();
        for (int i = 0; i < count; i++) {
            out[i] = codes.of((int) numbers[at + i]);
        }
        if (codes.size() > rows / MOST_TEXTS) {
            return null;
        }
        Utf8Dictionary dictionary = texts.dictionary();
        long bytes = 0;
        scratch.entries().clear();
        PlainStrings entries = new PlainStrings(scratch.entries());
        for (int code = 0; code < codes.size(); code++) {
            int number = codes.number(code);
            bytes += dictionary.end(number) - dictionary.start(number);
            entries.add(dictionary.bytes(), dictionary.start(number), dictionary.end(number));
        }
        return bytes > MAX_DICTIONARY_BYTES ? null : entries;
    }

    /** Codes every value by its text; false when there are so many distinct ones that a dictionary does not pay. */
    private boolean codeTexts(int from, int to, EncoderScratch scratch) {
        Presence presence = scratch.presence();
        Utf8Interner strings = scratch.strings();
        presence.clear();
        strings.clear();
        int most = (to - from) / MOST_TEXTS;
        for (int i = from; i < to; i++) {
            int row = RowRefs.row(refs[i]);
            if (fields[RowRefs.batch(refs[i])] instanceof StringColumn field && !field.isNull(row)) {
                scratch.codes()[presence.values()] = strings.intern(field.bytes(), field.start(row), field.end(row));
                presence.present();
                if (strings.size() > most || strings.byteLength() > MAX_DICTIONARY_BYTES) {
                    return false;
                }
            } else {
                presence.absent(1);
            }
        }
        return true;
    }
    /** A dictionary of what {@link #codeTexts} found. */
    private static void dictionaryPage(Utf8Interner strings, EncoderScratch scratch, ColumnChunk chunk)
            throws IOException {
        Utf8Dictionary dictionary = strings.dictionary();
        scratch.entries().clear();
        PlainStrings entries = new PlainStrings(scratch.entries());
        for (int code = 0; code < dictionary.size(); code++) {
            entries.add(dictionary.bytes(), dictionary.start(code), dictionary.end(code));
        }
        dictionaryPage(entries, scratch, chunk);
    }

    /** A dictionary of {@code entries} and a page of the scratch's codes. */
    private static void dictionaryPage(PlainStrings entries, EncoderScratch scratch, ColumnChunk chunk)
            throws IOException {
        Presence presence = scratch.presence();
        if (presence.values() == 0) {
            chunk.nullPage(presence, scratch.values());
            return;
        }
        Statistics<?> statistics = chunk.statistics(presence);
        entries.addTo(statistics);
        scratch.writeDictionary(entries.count(), statistics, chunk);
    }

    private void plainPages(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        Presence presence = scratch.presence();
        PageBuffer page = scratch.values();
        page.clear();
        PlainStrings values = new PlainStrings(page);
        presence.clear();
        for (int i = from; i < to; i++) {
            int row = RowRefs.row(refs[i]);
            if (fields[RowRefs.batch(refs[i])] instanceof StringColumn field && !field.isNull(row)) {
                values.add(field.bytes(), field.start(row), field.end(row));
                presence.present();
            } else {
                presence.absent(1);
            }
            if (page.size() >= pageBytes || i == to - 1) {
                write(presence, values, page, chunk);
                presence.clear();
                values.clear();
            }
        }
    }

    private static void write(Presence presence, PlainStrings values, PageBuffer page, ColumnChunk chunk)
            throws IOException {
        if (presence.values() == 0) {
            chunk.nullPage(presence, page);
            return;
        }
        Statistics<?> statistics = chunk.statistics(presence);
        values.addTo(statistics);
        chunk.page(presence, Encoding.PLAIN, page, statistics);
    }
}
