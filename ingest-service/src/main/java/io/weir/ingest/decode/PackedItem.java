package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.weir.common.model.Names;
import org.jspecify.annotations.Nullable;

/**
 * One map of a MessagePack request, by where its parts are: columns or a row of a measurement, or a batch of more maps.
 * Reused from item to item.
 */
final class PackedItem {

    private static final int NONE = -1;
    private static final byte[] MEASUREMENT = "m".getBytes(US_ASCII);
    private static final byte[] COLUMNS = "columns".getBytes(US_ASCII);
    private static final byte[] TAGS = "tags".getBytes(US_ASCII);
    private static final byte[] TIME = "t".getBytes(US_ASCII);
    private static final byte[] FIELDS = "fields".getBytes(US_ASCII);
    private static final byte[] FIELDS_SHORT = "f".getBytes(US_ASCII);
    private static final byte[] BATCH = "batch".getBytes(US_ASCII);

    private final PackedArrays arrays;
    private int start = NONE;
    private int end;
    private int measurement;
    private int columns;
    private int tags;
    private int time;
    private int fields;
    private int batch;

    /** @param known columns that earlier requests had, or null */
    PackedItem(@Nullable KnownTexts known) {
        this.arrays = new PackedArrays(known);
    }

    /** Finds the parts of the map at the cursor, unless they were found last, and moves behind it. */
    void read(MessagePackCursor cursor) {
        if (cursor.position() == start) {
            cursor.seek(end);
            return;
        }
        int from = cursor.position();
        start = NONE;
        measurement = columns = tags = time = fields = batch = NONE;
        for (int left = cursor.readMap(); left > 0; left--) {
            int key = cursor.position();
            cursor.readText();
            int value = cursor.position();
            if (cursor.isText(MEASUREMENT)) {
                measurement = once(measurement, key, value, cursor);
            } else if (cursor.isText(COLUMNS)) {
                columns = once(columns, key, value, cursor);
            } else if (cursor.isText(TAGS)) {
                tags = once(tags, key, value, cursor);
            } else if (cursor.isText(TIME)) {
                time = once(time, key, value, cursor);
            } else if (cursor.isText(FIELDS) || cursor.isText(FIELDS_SHORT)) {
                fields = once(fields, key, value, cursor);
            } else if (cursor.isText(BATCH)) {
                batch = once(batch, key, value, cursor);
            } else {
                throw new MessagePackFault(
                        key,
                        "unknown key \"" + Names.printable(cursor.text())
                                + "\" (expected: m, columns, tags, t, fields, f or batch)");
            }
            if (value == columns) {
                arrays.read(cursor);
            } else {
                cursor.skip();
            }
        }
        requireOneForm(from);
        start = from;
        end = cursor.position();
    }

    /** The arrays of a columnar item. */
    PackedArrays arrays() {
        return arrays;
    }

    boolean isBatch() {
        return batch != NONE;
    }

    boolean isColumnar() {
        return columns != NONE;
    }

    int measurement() {
        return measurement;
    }

    int columns() {
        return columns;
    }

    /** Where the tags are, or a negative number. */
    int tags() {
        return tags;
    }

    /** Where the time of a row is, or a negative number. */
    int time() {
        return time;
    }

    int fields() {
        return fields;
    }

    int batch() {
        return batch;
    }

    private void requireOneForm(int from) {
        boolean valid;
        if (batch != NONE) {
            valid = measurement == NONE && columns == NONE && fields == NONE && tags == NONE && time == NONE;
        } else if (columns != NONE) {
            valid = measurement != NONE && fields == NONE && time == NONE;
        } else {
            valid = measurement != NONE && fields != NONE;
        }
        if (!valid) {
            throw new MessagePackFault(
                    from, "map is neither columns (m, columns), nor a row (m, t, fields), nor a batch (batch)");
        }
    }

    private static int once(int known, int key, int value, MessagePackCursor cursor) {
        if (known != NONE) {
            throw new MessagePackFault(key, "key \"" + cursor.text() + "\" stands twice");
        }
        return value;
    }
}
