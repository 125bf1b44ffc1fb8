package io.weir.ingest.decode.arrow;

/** One column of a record batch: a view of its buffers, checked as it is opened. Reused from column to column. */
final class ArrowArray {

    private static final int NONE = -1;
    private static final int VIEW_BYTES = 16;
    private static final int INLINE_BYTES = 12;

    private BatchBody body;
    private Layout layout = Layout.NULL;
    private int rows;
    private int values;
    private byte[] bytes;
    private int validity = NONE;
    private int data;
    private int text;
    private int firstView;
    private int views;
    private int from;
    private int to;

    ArrowArray(BatchBody body) {
        this.body = body;
        this.bytes = body.bytes();
    }

    /**
     * Looks at that column of the batch in {@code body}, whose values have that layout.
     *
     * @throws ArrowFault when a buffer is too short, or offsets do not ascend within their text
     */
    void open(BatchBody batch, int column, Layout columnLayout) {
        body = batch;
        layout = columnLayout;
        rows = batch.rows();
        bytes = batch.bytes();
        validity = NONE;
        values = rows;
        if (layout == Layout.NULL || rows == 0) {
            values = 0;
            return;
        }
        int buffer = batch.firstBuffer(column);
        if (batch.nulls(column) > 0) {
            require(buffer, bitBytes(rows), "validity");
            validity = batch.start(buffer);
            values = countValues();
        }
        data = batch.start(buffer + 1);
        switch (layout) {
            case BOOLEAN -> require(buffer + 1, bitBytes(rows), "values");
            case UTF8 -> {
                require(buffer + 1, 4L * (rows + 1L), "offsets");
                text = batch.start(buffer + 2);
                checkOffsets(batch.length(buffer + 2));
            }
            case LARGE_UTF8 -> {
                require(buffer + 1, 8L * (rows + 1L), "offsets");
                text = batch.start(buffer + 2);
                checkLargeOffsets(batch.length(buffer + 2));
            }
            case UTF8_VIEW -> {
                require(buffer + 1, (long) VIEW_BYTES * rows, "views");
                firstView = buffer + 2;
                views = batch.firstBuffer(column + 1) - firstView;
            }
            default -> require(buffer + 1, (long) layout.width * rows, "values");
        }
    }

    Layout layout() {
        return layout;
    }

    int rows() {
        return rows;
    }

    /** How many rows have a value. */
    int values() {
        return values;
    }

    byte[] bytes() {
        return bytes;
    }

    /** First byte of the values of fixed width, or of the bits of booleans. */
    int data() {
        return data;
    }

    boolean isComplete() {
        return values == rows;
    }

    /** Whether that row has a value. */
    boolean isValid(int row) {
        return validity == NONE ? values > 0 : (bytes[validity + (row >>> 3)] >>> (row & 7) & 1) != 0;
    }

    /** Which of rows {@code [64 * word, 64 * word + 64)} have a value; 0 beyond the last. Only with nulls in the column. */
    long validBits(int word) {
        return validity == NONE ? 0 : LittleEndian.bits(bytes, validity, word, rows);
    }

    /** The first row with a value; only when there is one. */
    int firstValid() {
        int row = 0;
        while (!isValid(row)) {
            row++;
        }
        return row;
    }

    /** Finds the text of that row, which has a value: {@code bytes[from, to)} afterwards. */
    void locate(int row) {
        switch (layout) {
            case UTF8 -> {
                from = text + LittleEndian.intAt(bytes, data + 4 * row);
                to = text + LittleEndian.intAt(bytes, data + 4 * row + 4);
            }
            case LARGE_UTF8 -> {
                from = text + (int) LittleEndian.longAt(bytes, data + 8 * row);
                to = text + (int) LittleEndian.longAt(bytes, data + 8 * row + 8);
            }
            default -> locateView(row);
        }
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    private void locateView(int row) {
        int view = data + VIEW_BYTES * row;
        int length = LittleEndian.intAt(bytes, view);
        if (length >= 0 && length <= INLINE_BYTES) {
            from = view + 4;
            to = from + length;
            return;
        }
        int number = LittleEndian.intAt(bytes, view + 8);
        int offset = LittleEndian.intAt(bytes, view + 12);
        if (length < 0
                || number < 0
                || number >= views
                || offset < 0
                || (long) offset + length > body.length(firstView + number)) {
            throw new ArrowFault(
                    row,
                    "its view of " + length + " bytes from byte " + offset + " on of buffer " + number
                            + " leaves the buffers of its column");
        }
        // Text that a buffer holds once may be referred to by every row.
        body.spend(length);
        from = body.start(firstView + number) + offset;
        to = from + length;
    }

    private int countValues() {
        int count = 0;
        for (int word = 0; word << 6 < rows; word++) {
            count += Long.bitCount(validBits(word));
        }
        return count;
    }

    private void checkOffsets(int textLength) {
        int previous = LittleEndian.intAt(bytes, data);
        int falls = previous;
        int last = previous;
        for (int row = 1; row <= rows; row++) {
            last = LittleEndian.intAt(bytes, data + 4 * row);
            // Negative when an offset is, or is less than the one before.
            falls |= last - previous | last;
            previous = last;
        }
        if (falls < 0 || last > textLength) {
            for (int row = 0; row < rows; row++) {
                checkOffset(
                        row,
                        LittleEndian.intAt(bytes, data + 4 * row),
                        LittleEndian.intAt(bytes, data + 4 * row + 4),
                        textLength);
            }
        }
    }

    private void checkLargeOffsets(int textLength) {
        for (int row = 0; row < rows; row++) {
            checkOffset(
                    row,
                    LittleEndian.longAt(bytes, data + 8 * row),
                    LittleEndian.longAt(bytes, data + 8 * row + 8),
                    textLength);
        }
    }

    private static void checkOffset(int row, long start, long end, int textLength) {
        if (start < 0 || end < start || end > textLength) {
            throw new ArrowFault(
                    row,
                    "its text is bytes " + start + " to " + end + " (expected: ascending offsets up to " + textLength
                            + ")");
        }
    }

    private void require(int buffer, long needed, String what) {
        if (body.length(buffer) < needed) {
            throw new ArrowFault("its buffer of " + what + " has " + body.length(buffer) + " bytes (expected: at least "
                    + needed + ")");
        }
    }

    private static long bitBytes(int bits) {
        return (bits + 7L) >>> 3;
    }
}
