package io.weir.ingest.decode;

import java.util.Arrays;

/** The arrays of the columns of one MessagePack item, in their order, as one scan found them. Reused. */
final class PackedArrays {

    private final PackedScan scan = new PackedScan();
    private int size;
    /** Where the array begins, or -1 when the value is none. */
    private int[] starts = new int[16];

    private int[] ends = new int[16];
    private int[] classes = new int[16];
    private int[] textBytes = new int[16];

    /** Scans the map of columns at the cursor and moves behind it. */
    void read(MessagePackCursor cursor) {
        size = 0;
        if (cursor.type() != MessagePackType.MAP) {
            cursor.skip();
            return;
        }
        for (int left = cursor.readMap(); left > 0; left--) {
            cursor.skip();
            if (size == starts.length) {
                grow();
            }
            starts[size] = -1;
            if (cursor.type() == MessagePackType.ARRAY) {
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

    /** Length of all its texts. */
    int textBytes(int column) {
        return textBytes[column];
    }

    private void grow() {
        int capacity = size * 2;
        starts = Arrays.copyOf(starts, capacity);
        ends = Arrays.copyOf(ends, capacity);
        classes = Arrays.copyOf(classes, capacity);
        textBytes = Arrays.copyOf(textBytes, capacity);
    }
}
