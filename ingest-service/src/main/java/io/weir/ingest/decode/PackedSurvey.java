package io.weir.ingest.decode;

import org.jspecify.annotations.Nullable;

/**
 * First pass over a MessagePack request: checks its structure, finds the type of every column and the unit of the rows'
 * times. Nothing is decoded yet, so a fault found here has cost little.
 */
final class PackedSurvey implements PackedVisitor {

    private final MessagePackCursor cursor;
    private final PackedPlace place;
    private final PackedTimes rowTimes;

    PackedSurvey(MessagePackCursor cursor, PackedPlace place, PackedTimes rowTimes) {
        this.cursor = cursor;
        this.place = place;
        this.rowTimes = rowTimes;
    }

    @Override
    public void columns(PackedItem item, PackedMeasurement measurement) {
        if (item.tags() >= 0) {
            cursor.seek(item.tags());
            int tags = cursor.skipNil() ? 0 : cursor.readArray();
            for (int i = 0; i < tags; i++) {
                int offset = cursor.position();
                cursor.readText();
                place.column(cursor);
                measurement.column(cursor).makeTag(offset);
            }
        }
        cursor.seek(item.columns());
        int rows = -1;
        boolean hasValue = false;
        PackedArrays arrays = item.arrays();
        int columns = cursor.readMap();
        for (int index = 0; index < columns; index++) {
            int key = cursor.position();
            cursor.readText();
            place.column(cursor);
            PackedColumn column = cursor.isText(PackedVisitor.TIME) ? null : once(measurement.column(cursor), key);
            int start = cursor.position();
            int count = cursor.readArray();
            if (rows >= 0 && rows != count) {
                throw new MessagePackFault(start, "has " + count + " values (expected: " + rows + " as before)");
            }
            rows = count;
            if (arrays.isArray(index, start)) {
                int classes = arrays.classes(index);
                int values = classes & ~PackedScan.NIL;
                // One class, or the values of time, which are not looked at here: nothing can differ from row to row.
                boolean isOneClass = (values & (values - 1)) == 0 && values != PackedScan.OTHER;
                if (column == null || isOneClass) {
                    if (column != null && values != 0) {
                        hasValue |= seeFirst(column, values);
                    }
                    cursor.seek(arrays.end(index));
                    continue;
                }
            }
            for (int row = 0; row < count; row++) {
                place.row(row);
                if (column == null) {
                    cursor.skip();
                } else {
                    hasValue |= see(column) && !column.isTag();
                }
            }
        }
        place.noColumn();
        if (rows > 0 && !hasValue) {
            throw new MessagePackFault(item.columns(), "no field has a value");
        }
    }

    @Override
    public void row(PackedItem item, PackedMeasurement measurement) {
        if (item.tags() >= 0) {
            cursor.seek(item.tags());
            for (int left = cursor.skipNil() ? 0 : cursor.readMap(); left > 0; left--) {
                int key = cursor.position();
                cursor.readText();
                place.column(cursor);
                PackedColumn column = once(measurement.column(cursor), key);
                column.makeTag(key);
                see(column);
            }
        }
        cursor.seek(item.fields());
        boolean hasValue = false;
        for (int left = cursor.readMap(); left > 0; left--) {
            int key = cursor.position();
            cursor.readText();
            place.column(cursor);
            PackedColumn column = once(measurement.column(cursor), key);
            column.makeField(key);
            hasValue |= see(column);
        }
        place.noColumn();
        if (!hasValue) {
            throw new MessagePackFault(item.fields(), "no field has a value");
        }
        if (item.time() >= 0) {
            cursor.seek(item.time());
            place.noColumn();
            rowTimes.see(cursor);
        }
    }

    /** Takes note of the first value that is not nil of an array at the cursor; says whether its column is a field. */
    private boolean seeFirst(PackedColumn column, int valueClass) {
        int row = 0;
        while (cursor.skipNil()) {
            row++;
        }
        place.row(row);
        if (!column.hasSeen(valueClass)) {
            column.see(valueClass, cursor.position());
        }
        return !column.isTag();
    }

    private PackedColumn once(PackedColumn column, int key) {
        if (column.item == place.item()) {
            throw new MessagePackFault(key, "stands twice in one item");
        }
        column.item = place.item();
        return column;
    }

    /** Takes note of the value at the cursor and moves behind it; says whether it is one, not nil. */
    private boolean see(@Nullable PackedColumn column) {
        int offset = cursor.position();
        int valueClass = switch (cursor.type()) {
            case NIL -> 0;
            case BOOLEAN -> PackedColumn.BOOLEAN;
            case FLOAT -> PackedColumn.FLOAT;
            case STRING, BINARY -> PackedColumn.TEXT;
            case INTEGER -> {
                long value = cursor.readInteger();
                cursor.seek(offset);
                yield cursor.isHuge() ? PackedColumn.HUGE : value < 0 ? PackedColumn.NEGATIVE : PackedColumn.INTEGER;
            }
            default ->
                throw new MessagePackFault(
                        offset, "value is " + cursor.type().noun() + " (expected: number, string, boolean or nil)");
        };
        cursor.skip();
        if (valueClass != 0 && column != null && !column.hasSeen(valueClass)) {
            column.see(valueClass, offset);
        }
        return valueClass != 0;
    }
}
