package io.weir.ingest.decode;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of the columns of one MessagePack item, in their order, as one scan found them; those that an earlier request
 * had are recognised and not scanned. Reused.
 */
final class PackedArrays {

    private final PackedScan scan = new PackedScan();
    private final @Nullable KnownTexts known;
    private int size;
    /** Where the array begins, or -1 when the value is none. */
    private int[] starts = new int[16];

    private int[] ends = new int[16];
    private int[] classes = new int[16];
    private int[] textBytes = new int[16];
    private KnownTexts.@Nullable Texts[] texts = new KnownTexts.@Nullable Texts[16];

    /** @param known what earlier requests had, or null */
    PackedArrays(@Nullable KnownTexts known) {
        this.known = known;
    }

    /** Scans the map of columns at the cursor and moves behind it. */
    void read(MessagePackCursor cursor) {
        size = 0;
        if (cursor.type() != MessagePackType.MAP) {
            cursor.skip();
            return;
        }
        for (int left = cursor.readMap(); left > 0; left--) {
            if (size == starts.length) {
                grow();
            }
            int key = cursor.position();
            cursor.skip();
            starts[size] = -1;
            texts[size] = known == null ? null : known.find(cursor.bytes(), key, cursor.end());
            if (texts[size] != null) {
                take(texts[size], key, cursor);
            } else if (cursor.type() == MessagePackType.ARRAY) {
                starts[size] = cursor.position();
                scan.values(cursor, cursor.readArray());
                ends[size] = cursor.position();
                classes[size] = scan.classes();
                textBytes[size] = scan.textBytes();
            } else {
                cursor.skip();
            }
            size++;
        }
    }

    private void take(KnownTexts.Texts found, int key, MessagePackCursor cursor) {
        starts[size] = cursor.position();
        ends[size] = key + found.length();
        classes[size] = PackedColumn.TEXT | (found.column().validity() == null ? 0 : PackedScan.NIL);
        textBytes[size] = 0;
        cursor.seek(ends[size]);
    }

    /** What is known of the values of that column, or null. */
    KnownTexts.@Nullable Texts texts(int column) {
        return texts[column];
    }

    /** Whether the value of that column is an array, which begins at {@code position}. */
    boolean isArray(int column, int position) {
        return column < size && starts[column] == position;
    }

    /** Position after the array. */
    int end(int column) {
        return ends[column];
    }

    /** Classes of its values, see {@link PackedScan#classes}. */
    int classes(int column) {
        return classes[column];
    }

    /** Length of all its texts; 0 when it is known. */
    int textBytes(int column) {
        return textBytes[column];
    }

    private void grow() {
        int capacity = size * 2;
        starts = Arrays.copyOf(starts, capacity);
        ends = Arrays.copyOf(ends, capacity);
        classes = Arrays.copyOf(classes, capacity);
        textBytes = Arrays.copyOf(textBytes, capacity);
        texts = Arrays.copyOf(texts, capacity);
    }
}
