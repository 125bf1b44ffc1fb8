package io.weir.storage.parquet.merging;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a merge is in one input: a row of the row group that is loaded. Not thread-safe. */
final class Cursor {

    private static final int STEPS = 8;

    private final InputFile input;
    private final int order;
    private final BitSet left;
    private LoadedGroup group;
    private int groupStart;
    private int segment;
    private int row;
    private int segmentEnd;

    /** At the first row of that group; {@code order} tells earlier inputs from later ones. */
    Cursor(InputFile input, int order, LoadedGroup first) {
        this.input = input;
        this.left = input.left();
        this.order = order;
        this.group = first;
        this.segmentEnd = first.segmentStart(1);
    }

    InputFile input() {
        return input;
    }

    LoadedGroup group() {
        return group;
    }

    int segment() {
        return segment;
    }

    int row() {
        return row;
    }

    int segmentEnd() {
        return segmentEnd;
    }

    /** Moves to the first row of the group that follows. */
    void enter(LoadedGroup next) {
        groupStart += group.segmentStart(group.segments());
        group = next;
        segment = 0;
        row = 0;
        segmentEnd = next.segmentStart(1);
    }

    /** Whether the row is not to be in the output. */
    boolean isLeftOut() {
        return left.get(groupStart + row);
    }

    /** The row behind those, from this one on, that are left out; at most {@code end}. */
    int leftOutEnd(int end) {
        return Math.min(end, left.nextClearBit(groupStart + row) - groupStart);
    }

    /** The row behind those, from this one on, that are kept; at most {@code end}. */
    int keptEnd(int end) {
        int next = left.nextSetBit(groupStart + row);
        return next < 0 ? end : Math.min(end, next - groupStart);
    }

    /** Moves within the segment, or to the next one. @return false at the end of the group */
    boolean moveTo(int next) {
        row = next;
        if (row == segmentEnd) {
            if (++segment == group.segments()) {
                return false;
            }
            segmentEnd = group.segmentStart(segment + 1);
        }
        return true;
    }

    /** Which of two cursors gives the next row. */
    int compare(Cursor other, List<TagValues> tags) {
        int bySeries = LoadedGroup.compareSeries(group, segment, other.group, other.segment, tags);
        return bySeries != 0 ? bySeries : compareTime(row, other);
    }

    /** Compares that row of the segment with the other's, of one series. */
    private int compareTime(int at, Cursor other) {
        int byTime = Long.compare(group.times()[at], other.group.times()[other.row]);
        if (byTime != 0) {
            return byTime;
        }
        int byNanos = nanos(group.nanos(), at) - nanos(other.group.nanos(), other.row);
        return byNanos != 0 ? byNanos : Integer.compare(order, other.order);
    }

    private static int nanos(short @Nullable [] nanos, int row) {
        return nanos == null ? 0 : nanos[row];
    }

    /** The first row of the segment behind this one that does not come before the other's. */
    int runEnd(Cursor other, List<TagValues> tags) {
        if (LoadedGroup.compareSeries(group, segment, other.group, other.segment, tags) != 0) {
            return segmentEnd;
        }
        int at = row + 1;
        for (int step = 0; step < STEPS; step++, at++) {
            if (at == segmentEnd || compareTime(at, other) > 0) {
                return at;
            }
        }
        int low = at;
        int high = segmentEnd;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compareTime(middle, other) > 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
