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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.RecordBatch;
import org.jspecify.annotations.Nullable;

/** Makes column batches of the record batches of one stream; every row is a series of its own. Used by one thread at a time. */
final class BatchReader {

    private final String measurement;
    private final HotLayout layout;
    private final @Nullable Utf8Dictionary[] dictionaries;
    private RecordBatch batch = new RecordBatch();
    private ByteBuffer body = ByteBuffer.allocate(0);
    private int rows;
    private int column;
    private int buffer;

    BatchReader(String measurement, HotLayout layout) {
        this.measurement = measurement;
        this.layout = layout;
        this.dictionaries = new Utf8Dictionary[layout.columns().size()];
    }

    /** Reads the words of a tag, for the record batches that follow. */
    void dictionary(DictionaryBatch head, ByteBuffer bytes) throws IOException {
        begin(head.data(), bytes);
        nextColumn();
        int[] offsets = offsets();
        dictionaries[Math.toIntExact(head.id())] = new Utf8Dictionary(rows, offsets, texts(offsets[rows]));
    }

    /** Reads the rows of a record batch. */
    ColumnBatch rows(RecordBatch head, ByteBuffer bytes) throws IOException {
        begin(head, bytes);
        nextColumn();
        long[] times = longs();
        short[] nanos = null;
        if (layout.nanos()) {
            nextColumn();
            nanos = new short[rows];
            next(2L * rows).asShortBuffer().get(nanos);
        }
        List<String> tagNames = new ArrayList<>();
        List<int[]> codes = new ArrayList<>();
        List<Utf8Dictionary> words = new ArrayList<>();
        List<FieldColumn> fields = new ArrayList<>();
        for (int place = 0; place < layout.columns().size(); place++) {
            Column next = layout.columns().get(place);
            long[] validity = nextColumn();
            if (next.type() == ColumnType.TAG) {
                Utf8Dictionary dictionary = present(dictionaries[place]);
                tagNames.add(next.name());
                codes.add(codes(validity, dictionary.size()));
                words.add(dictionary);
            } else {
                fields.add(field(next, validity));
            }
        }
        int[] series = new int[rows];
        for (int row = 0; row < rows; row++) {
            series[row] = row;
        }
        SeriesTable table =
                new SeriesTable(rows, tagNames, codes.toArray(int[][]::new), words.toArray(Utf8Dictionary[]::new));
        return new ColumnBatch(measurement, rows, times, nanos, table, series, fields);
    }

    private void begin(@Nullable RecordBatch head, ByteBuffer bytes) throws IOException {
        batch = present(head);
        body = bytes;
        rows = Math.toIntExact(batch.length());
        if (rows < 0) {
            throw new IOException("a batch of " + rows + " rows");
        }
        column = 0;
        buffer = 0;
    }

    private static <T> T present(@Nullable T part) throws IOException {
        if (part == null) {
            throw new IOException("a part of a batch is missing");
        }
        return part;
    }

    /** Begins the next column: its validity, null when all rows have a value. */
    private long @Nullable [] nextColumn() throws IOException {
        if (present(batch.nodes(column++)).length() != rows) {
            throw new IOException("a column of another length than its batch");
        }
        Buffer place = present(batch.buffers(buffer));
        if (place.length() == 0) {
            buffer++;
            return null;
        }
        return bits();
    }

    /** The next buffer, of at least that many bytes. */
    private ByteBuffer next(long bytes) throws IOException {
        Buffer place = present(batch.buffers(buffer++));
        if (bytes > place.length()) {
            throw new IOException("a buffer of " + place.length() + " bytes instead of " + bytes);
        }
        return body.slice(Math.toIntExact(place.offset()), Math.toIntExact(bytes))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private long[] longs() throws IOException {
        ByteBuffer source = next(8L * rows);
        long[] values = new long[rows];
        source.asLongBuffer().get(values);
        return values;
    }

    private long[] bits() throws IOException {
        ByteBuffer source = next(8L * Bits.words(rows));
        long[] words = new long[Bits.words(rows)];
        source.asLongBuffer().get(words);
        return words;
    }

    private int[] offsets() throws IOException {
        ByteBuffer source = next(4L * (rows + 1L));
        int[] offsets = new int[rows + 1];
        source.asIntBuffer().get(offsets);
        for (int i = 0; i < rows; i++) {
            if (offsets[i] < 0 || offsets[i + 1] < offsets[i]) {
                throw new IOException("texts that do not follow one another");
            }
        }
        return offsets;
    }

    private byte[] texts(int end) throws IOException {
        ByteBuffer source = next(end);
        byte[] texts = new byte[end];
        source.get(texts);
        return texts;
    }

    private int[] codes(long @Nullable [] validity, int words) throws IOException {
        int[] codes = new int[rows];
        next(4L * rows).asIntBuffer().get(codes);
        for (int row = 0; row < rows; row++) {
            if (validity != null && !Bits.get(validity, row)) {
                codes[row] = SeriesTable.ABSENT;
            } else if (codes[row] < 0 || codes[row] >= words) {
                throw new IOException("a tag that is no word of its dictionary");
            }
        }
        return codes;
    }

    private FieldColumn field(Column of, long @Nullable [] validity) throws IOException {
        return switch (of.type()) {
            case FLOAT64 -> {
                double[] values = new double[rows];
                next(8L * rows).asDoubleBuffer().get(values);
                yield new DoubleColumn(of.name(), values, validity);
            }
            case BOOLEAN -> new BooleanColumn(of.name(), bits(), validity);
            case STRING -> {
                int[] offsets = offsets();
                yield new StringColumn(of.name(), offsets, texts(offsets[rows]), validity);
            }
            default -> new LongColumn(of.name(), of.type(), longs(), validity);
        };
    }
}
