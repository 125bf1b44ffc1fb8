package io.weir.ingest.decode.json;

import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One key of the rows of a measurement as one request knows it: a tag, a field, or the time. A key that was only ever
 * null has no type yet.
 */
final class JsonSlot {

    /** Index of a column that the current batch does not have yet. */
    static final int NONE = -1;

    /** Key that names no field; of the time of a flat row unless the request says another. */
    static final byte[] TIME = MeasurementSchema.TIME.getBytes(StandardCharsets.US_ASCII);

    final String name;
    /** Name in UTF-8 with the quote that ends it; empty when the name cannot stand in a text without escapes. */
    private final byte[] spelling;
    /** Whether flat rows have it as a tag because the request says so. */
    final boolean tagByRequest;
    /** Whether a row that begins with this key may be a long one, so that the key names no column. */
    final boolean ambiguous;
    /** Whether it is named as the time is, be it that, a tag or a field: what follows its like tells nothing. */
    final boolean isTime;
    /** Type as the schema or a row fixed it; null before. */
    @Nullable
    ColumnType type;

    /** Index among the tags or fields of the current batch, or {@link #NONE}. */
    int index = NONE;
    /** Number of the row that had it last. */
    long row;
    /** The key that came next in the row before; null when none did. */
    @Nullable
    JsonSlot next;

    JsonSlot(
            String name,
            byte[] spelling,
            boolean tagByRequest,
            boolean ambiguous,
            boolean isTime,
            @Nullable ColumnType type) {
        this.name = name;
        this.spelling = spelling;
        this.tagByRequest = tagByRequest;
        this.ambiguous = ambiguous;
        this.isTime = isTime;
        this.type = type;
    }

    /** Bytes from behind the opening quote to behind the closing one. */
    int length() {
        return spelling.length;
    }

    /** Whether this is the key whose first byte is at {@code at}. */
    boolean isAt(byte[] buffer, int at, int limit) {
        int length = spelling.length;
        return length > 0 && at + length <= limit && Arrays.equals(buffer, at, at + length, spelling, 0, length);
    }
}
