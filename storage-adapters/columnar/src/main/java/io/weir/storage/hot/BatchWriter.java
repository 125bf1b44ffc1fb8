package io.weir.storage.hot;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one column batch: a dictionary for each tag, then its rows a quarter of a megabyte at a time. Of a
 * dictionary that has more words than there are rows only those travel that the rows have, with codes of their own.
 */
final class BatchWriter {

    private static final int SLICE_BYTES = 256 << 10;
    private static final int FIXED_BYTES_OF_COLUMN = 9;

    private final HotLayout layout;
    private final ColumnBatch batch;
    private final RowSelection rows;
    private final MessageBody body;
    private final List<FieldColumn> fields = new ArrayList<>();
    private final List<Integer> tags = new ArrayList<>();
    private final int[] @Nullable [] ownCodes;
    private int dictionaries;
    private int written;

    BatchWriter(HotLayout layout, ColumnBatch batch, RowSelection rows, MessageBody body) {
        this.layout = layout;
        this.batch = batch;
        this.rows = rows;
        this.body = body;
        for (Column column : layout.columns()) {
            if (column.type() == ColumnType.TAG) {
                tags.add(batch.series().tagNames().indexOf(column.name()));
            } else {
                fields.add(batch.fields().stream()
                        .filter(field -> field.name().equals(column.name()))
                        .findFirst()
                        .orElseThrow());
            }
        }
        this.ownCodes = new int[tags.size()][];
    }

    /** The next message; null behind the last one. */
    byte @Nullable [] next() {
        if (written == rows.count()) {
            return null;
        }
        return dictionaries < tags.size() ? dictionary(dictionaries++) : slice();
    }

    private byte[] dictionary(int tag) {
        Utf8Dictionary words = batch.series().dictionary(tags.get(tag));
        return words.size() > rows.count() ? usedWords(tag, words) : allWords(tag, words);
    }

    private byte[] usedWords(int tag, Utf8Dictionary words) {
        int[] codes = batch.series().codes(tags.get(tag));
        int[] own = new int[words.size()];
        int[] used = new int[rows.count()];
        int count = 0;
        int bytes = 0;
        for (int i = 0; i < rows.count(); i++) {
            int code = codes[batch.seriesOfRow()[rows.row(i)]];
            if (code != SeriesTable.ABSENT && own[code] == 0) {
                used[count++] = code;
                own[code] = count; // one more than its own code: 0 means none yet
                bytes += words.end(code) - words.start(code);
            }
        }
        ownCodes[tag] = own;
        body.begin();
        body.column(count, 0);
        body.noBuffer();
        ByteBuffer offsets = body.buffer(4 * (count + 1));
        offsets.putInt(0);
        int end = 0;
        for (int i = 0; i < count; i++) {
            end += words.end(used[i]) - words.start(used[i]);
            offsets.putInt(end);
        }
        body.endBuffer();
        ByteBuffer texts = body.buffer(bytes);
        for (int i = 0; i < count; i++) {
            texts.put(words.bytes(), words.start(used[i]), words.end(used[i]) - words.start(used[i]));
        }
        body.endBuffer();
        return body.dictionary(tag, count);
    }

    private byte[] allWords(int tag, Utf8Dictionary words) {
        body.begin();
        body.column(words.size(), 0);
        body.noBuffer();
        ByteBuffer offsets = body.buffer(4 * (words.size() + 1));
        offsets.putInt(0);
        for (int code = 0; code < words.size(); code++) {
            offsets.putInt(words.end(code));
        }
        body.endBuffer();
        int bytes = words.size() == 0 ? 0 : words.end(words.size() - 1);
        body.buffer(bytes).put(words.bytes(), 0, bytes);
        body.endBuffer();
        return body.dictionary(tag, words.size());
    }

    private byte[] slice() {
        int from = written;
        int count = fitting(from);
        written += count;
        body.begin();
        body.column(count, 0);
        body.noBuffer();
        ByteBuffer times = body.buffer(8 * count);
        for (int i = from; i < from + count; i++) {
            times.putLong(batch.timeMicros()[rows.row(i)]);
        }
        body.endBuffer();
        short[] nanos = batch.timeNanos();
        if (layout.nanos() && nanos != null) {
            nanos(nanos, from, count);
        }
        for (int tag = 0; tag < tags.size(); tag++) { // which come first in every layout
            tag(tag, from, count);
        }
        fields.forEach(field -> field(field, from, count));
        return body.recordBatch(count);
    }

    /** How many rows from that one on are about as much as one message should hold. */
    private int fitting(int from) {
        int fixed = FIXED_BYTES_OF_COLUMN * (2 + layout.columns().size());
        long bytes = 0;
        int count = 0;
        while (from + count < rows.count() && (count == 0 || bytes < SLICE_BYTES)) {
            int row = rows.row(from + count);
            bytes += fixed;
            for (FieldColumn field : fields) {
                if (field instanceof StringColumn strings && !strings.isNull(row)) {
                    bytes += strings.end(row) - strings.start(row);
                }
            }
            count++;
        }
        return count;
    }

    private void nanos(short[] nanos, int from, int count) {
        body.column(count, 0);
        body.noBuffer();
        ByteBuffer out = body.buffer(2 * count);
        for (int i = from; i < from + count; i++) {
            out.putShort(nanos[rows.row(i)]);
        }
        body.endBuffer();
    }

    private void tag(int tag, int from, int count) {
        int[] codes = batch.series().codes(tags.get(tag));
        int @Nullable [] own = ownCodes[tag];
        int[] series = batch.seriesOfRow();
        validity(from, count, row -> codes[series[row]] == SeriesTable.ABSENT);
        ByteBuffer out = body.buffer(4 * count);
        for (int i = from; i < from + count; i++) {
            int code = codes[series[rows.row(i)]];
            out.putInt(code == SeriesTable.ABSENT ? 0 : own == null ? code : own[code] - 1);
        }
        body.endBuffer();
    }

    private void field(FieldColumn field, int from, int count) {
        validity(from, count, field::isNull);
        if (field instanceof StringColumn strings) {
            strings(strings, from, count);
            return;
        }
        if (field instanceof BooleanColumn booleans) {
            bits(from, count, row -> !field.isNull(row) && Bits.get(booleans.bits(), row));
            return;
        }
        ByteBuffer out = body.buffer(8 * count);
        if (field instanceof LongColumn longs) {
            for (int i = from; i < from + count; i++) {
                out.putLong(longs.values()[rows.row(i)]);
            }
        } else if (field instanceof DoubleColumn doubles) {
            for (int i = from; i < from + count; i++) {
                out.putDouble(doubles.values()[rows.row(i)]);
            }
        }
        body.endBuffer();
    }

    private void validity(int from, int count, IntPredicate isNull) {
        int nulls = 0;
        for (int i = from; i < from + count; i++) {
            nulls += isNull.test(rows.row(i)) ? 1 : 0;
        }
        body.column(count, nulls);
        if (nulls == 0) {
            body.noBuffer();
        } else {
            bits(from, count, row -> !isNull.test(row));
        }
    }

    private void bits(int from, int count, IntPredicate isSet) {
        ByteBuffer out = body.buffer(8 * Bits.words(count));
        for (int word = 0; word < count; word += Long.SIZE) {
            long bits = 0;
            for (int i = word; i < Math.min(count, word + Long.SIZE); i++) {
                bits |= isSet.test(rows.row(from + i)) ? 1L << i : 0;
            }
            out.putLong(bits);
        }
        body.endBuffer();
    }

    private void strings(StringColumn strings, int from, int count) {
        ByteBuffer offsets = body.buffer(4 * (count + 1));
        offsets.putInt(0);
        int end = 0;
        for (int i = from; i < from + count; i++) {
            int row = rows.row(i);
            end += strings.isNull(row) ? 0 : strings.end(row) - strings.start(row);
            offsets.putInt(end);
        }
        body.endBuffer();
        ByteBuffer texts = body.buffer(end);
        for (int i = from; i < from + count; i++) {
            int row = rows.row(i);
            if (!strings.isNull(row)) {
                texts.put(strings.bytes(), strings.start(row), strings.end(row) - strings.start(row));
            }
        }
        body.endBuffer();
    }
}
