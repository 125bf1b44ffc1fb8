package io.weir.common.batch;

import io.weir.common.schema.ColumnType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * UTF-8 strings. Either every row has bytes of its own, or, where strings repeat, a code into a dictionary.
 *
 * <pre>
 *   plain    texts { on, off, on }    codes none
 *   coded    texts { on, off }        codes [ 0, 1, 0 ]
 * </pre>
 */
public final class StringColumn extends FieldColumn {

    private final Utf8Dictionary texts;
    private final int @Nullable [] codes;

    /** Takes ownership of the arrays; {@code offsets} has at least one more entry than the batch has rows. */
    public StringColumn(String name, int[] offsets, byte[] bytes, long @Nullable [] validity) {
        super(name, ColumnType.STRING, validity);
        this.texts = new Utf8Dictionary(offsets.length - 1, offsets, bytes);
        this.codes = null;
    }

    /** Takes ownership of {@code codes}, one of {@code texts} for every row, also for those that are null. */
    public StringColumn(String name, Utf8Dictionary texts, int[] codes, long @Nullable [] validity) {
        super(name, ColumnType.STRING, validity);
        this.texts = texts;
        this.codes = codes;
    }

    /** First byte of that row in {@link #bytes}. */
    public int start(int row) {
        return texts.start(codes == null ? row : codes[row]);
    }

    /** Byte after the last of that row in {@link #bytes}. */
    public int end(int row) {
        return texts.end(codes == null ? row : codes[row]);
    }

    /** UTF-8 of all rows; not to be modified. */
    public byte[] bytes() {
        return texts.bytes();
    }

    /** Per row its code in {@link #texts}, not to be modified; null when every row has bytes of its own. */
    public int @Nullable [] codes() {
        return codes;
    }

    /** The distinct strings of a coded column; of another one the strings by row. */
    public Utf8Dictionary texts() {
        return texts;
    }

    /** That row as a string. For messages and tests, not for the hot path. */
    public String get(int row) {
        return new String(bytes(), start(row), end(row) - start(row), StandardCharsets.UTF_8);
    }

    @Override
    public long sizeBytes() {
        return texts.sizeBytes() + (codes == null ? 0 : 4L * codes.length) + validityBytes();
    }
}
