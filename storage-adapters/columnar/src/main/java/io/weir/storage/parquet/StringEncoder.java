package io.weir.storage.parquet;

import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import java.io.IOException;
import java.util.Arrays;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/** Encodes a {@code STRING} field: a dictionary when values repeat, else PLAIN pages. */
final class StringEncoder implements ColumnEncoder {

    private static final int MAX_DICTIONARY_BYTES = 1 << 20;

    private final int pageBytes;
    private final long[] refs;
    private final @Nullable FieldColumn[] fields;
    /** Per batch with a coded column, per code the number of its value plus one, 0 when it did not come yet. */
    private final int[] @Nullable [] numbers;

    /** @param pageBytes size at which a PLAIN page ends */
    StringEncoder(SortedRows rows, Column column, int pageBytes) {
        this.pageBytes = pageBytes;
        this.refs = rows.refs();
        this.fields = rows.field(column);
        this.numbers = new int[fields.length][];
    }

    @Override
    public void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        if (code(from, to, scratch)) {
            dictionaryPage(scratch, chunk);
        } else {
            plainPages(from, to, scratch, chunk);
        }
    }

    /** Codes every value; false when there are so many distinct ones that a dictionary does not pay. */
    private boolean code(int from, int to, EncoderScratch scratch) {
        Presence presence = scratch.presence();
        Utf8Interner strings = scratch.strings();
        presence.clear();
        strings.clear();
        Arrays.fill(numbers, null);
        int most = (to - from) / 3;
        for (int i = from; i < to; i++) {
            int row = RowRefs.row(refs[i]);
            if (fields[RowRefs.batch(refs[i])] instanceof StringColumn field && !field.isNull(row)) {
                scratch.codes()[presence.values()] = number(field, row, RowRefs.batch(refs[i]), strings);
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

    /** Number of a value among the distinct ones; what repeats in a coded column is looked up once. */
    private int number(StringColumn field, int row, int batch, Utf8Interner strings) {
        int[] codes = field.codes();
        if (codes == null) {
            return strings.intern(field.bytes(), field.start(row), field.end(row));
        }
        int[] known = numbers[batch];
        if (known == null) {
            known = new int[field.texts().size()];
            numbers[batch] = known;
        }
        int code = codes[row];
        if (known[code] == 0) {
            known[code] = strings.intern(field.bytes(), field.start(row), field.end(row)) + 1;
        }
        return known[code] - 1;
    }

    private static void dictionaryPage(EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        Presence presence = scratch.presence();
        if (presence.values() == 0) {
            chunk.nullPage(presence, scratch.values());
            return;
        }
        Utf8Dictionary dictionary = scratch.strings().dictionary();
        scratch.entries().clear();
        PlainStrings entries = new PlainStrings(scratch.entries());
        for (int code = 0; code < dictionary.size(); code++) {
            entries.add(dictionary.bytes(), dictionary.start(code), dictionary.end(code));
        }
        Statistics<?> statistics = chunk.statistics(presence);
        entries.addTo(statistics);
        scratch.writeDictionary(dictionary.size(), statistics, chunk);
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
