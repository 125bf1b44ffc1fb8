package io.weir.ingest.decode.arrow;

import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.StringColumn;
import io.weir.ingest.decode.Utf8;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The values of a {@code STRING} field. */
final class TextSink extends FieldSink {

    private int[] offsets = {0};
    private byte[] text = {};

    TextSink(String name, LongConsumer memory) {
        super(name, memory);
    }

    @Override
    void write(ArrowArray source, int first, int settled) {
        int rows = source.rows();
        if (first + rows + 1L > offsets.length) {
            offsets = Arrays.copyOf(offsets, Capacity.grow(offsets.length, first + rows + 1L, Integer.BYTES, memory));
        }
        Arrays.fill(offsets, settled + 1, first + 1, offsets[settled]);
        if (source.layout() == Layout.UTF8 && source.isComplete()) {
            writeWhole(source, first);
        } else {
            writeEach(source, first);
        }
    }

    @Override
    FieldColumn column(int total, int settled, long @Nullable [] bits) {
        int keptOffsets = settled < total ? total + 1 : Capacity.kept(total + 1, offsets.length);
        int[] ends = keptOffsets == offsets.length ? offsets : Arrays.copyOf(offsets, keptOffsets);
        Arrays.fill(ends, settled + 1, total + 1, offsets[settled]);
        int keptText = Capacity.kept(ends[total], text.length);
        return new StringColumn(name, ends, keptText == text.length ? text : Arrays.copyOf(text, keptText), bits);
    }

    /** All text at once: it lies row by row in one piece, and is well-formed when it is as a whole and no row cuts a character. */
    private void writeWhole(ArrowArray source, int first) {
        int rows = source.rows();
        byte[] bytes = source.bytes();
        source.locate(rows - 1);
        int to = source.to();
        source.locate(0);
        int from = source.from();
        int target = offsets[first];
        reserve(target, to - from);
        System.arraycopy(bytes, from, text, target, to - from);
        int base = target - LittleEndian.intAt(bytes, source.data());
        for (int row = 1; row <= rows; row++) {
            offsets[first + row] = base + LittleEndian.intAt(bytes, source.data() + 4 * row);
        }
        if (Utf8.firstNonAscii(bytes, from, to) < to) {
            for (int row = 0; row < rows; row++) {
                source.locate(row);
                TagDictionary.requireUtf8(source, row);
            }
        }
    }

    private void writeEach(ArrowArray source, int first) {
        int rows = source.rows();
        long length = 0;
        for (int row = 0; row < rows; row++) {
            if (source.isValid(row)) {
                source.locate(row);
                length += source.to() - source.from();
            }
        }
        int end = offsets[first];
        reserve(end, length);
        for (int row = 0; row < rows; row++) {
            if (source.isValid(row)) {
                source.locate(row);
                TagDictionary.requireUtf8(source, row);
                System.arraycopy(source.bytes(), source.from(), text, end, source.to() - source.from());
                end += source.to() - source.from();
            }
            offsets[first + row + 1] = end;
        }
    }

    private void reserve(int end, long length) {
        if (end + length > text.length) {
            text = Arrays.copyOf(text, Capacity.grow(text.length, end + length, 1, memory));
        }
    }
}
