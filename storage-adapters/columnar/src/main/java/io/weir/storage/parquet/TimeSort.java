package io.weir.storage.parquet;

import org.jspecify.annotations.Nullable;

/**
 * Stable sort of parallel arrays by time, then nanoseconds. Rows of one series usually arrive in runs that ascend, so what
 * is in order already is only looked at.
 */
final class TimeSort {

    private static final int INSERTION_SORT = 24;

    private final long[] times;
    private final short @Nullable [] nanos;
    private final long[] refs;
    private long[] scratchTimes = new long[0];
    private short[] scratchNanos = new short[0];
    private long[] scratchRefs = new long[0];

    /** @param nanos null when no row has nanoseconds */
    TimeSort(long[] times, short @Nullable [] nanos, long[] refs) {
        this.times = times;
        this.nanos = nanos;
        this.refs = refs;
    }

    /** Sorts {@code [from, to)}. */
    void sort(int from, int to) {
        for (int i = from + 1; i < to; i++) {
            if (isAfter(i - 1, i)) {
                reserve((to - from + 1) >>> 1);
                mergeSort(from, to);
                return;
            }
        }
    }

    private boolean isAfter(int a, int b) {
        return times[a] != times[b] ? times[a] > times[b] : nanos != null && nanos[a] > nanos[b];
    }

    private void mergeSort(int from, int to) {
        if (to - from <= INSERTION_SORT) {
            insertionSort(from, to);
            return;
        }
        int middle = (from + to) >>> 1;
        mergeSort(from, middle);
        mergeSort(middle, to);
        if (isAfter(middle - 1, middle)) {
            merge(from, middle, to);
        }
    }

    private void insertionSort(int from, int to) {
        for (int i = from + 1; i < to; i++) {
            long time = times[i];
            short nano = nanos == null ? 0 : nanos[i];
            long ref = refs[i];
            int hole = i;
            while (hole > from && isAfter(hole - 1, time, nano)) {
                move(hole - 1, hole);
                hole--;
            }
            put(hole, time, nano, ref);
        }
    }

    private void merge(int from, int middle, int to) {
        int length = middle - from;
        System.arraycopy(times, from, scratchTimes, 0, length);
        System.arraycopy(refs, from, scratchRefs, 0, length);
        if (nanos != null) {
            System.arraycopy(nanos, from, scratchNanos, 0, length);
        }
        int left = 0;
        int right = middle;
        for (int out = from; left < length; out++) {
            short nano = nanos == null ? 0 : scratchNanos[left];
            if (right < to && isBefore(right, scratchTimes[left], nano)) {
                move(right++, out);
            } else {
                put(out, scratchTimes[left], nano, scratchRefs[left]);
                left++;
            }
        }
    }

    private boolean isAfter(int row, long time, short nano) {
        return times[row] != time ? times[row] > time : nanos != null && nanos[row] > nano;
    }

    private boolean isBefore(int row, long time, short nano) {
        return times[row] != time ? times[row] < time : nanos != null && nanos[row] < nano;
    }

    private void move(int from, int to) {
        times[to] = times[from];
        refs[to] = refs[from];
        if (nanos != null) {
            nanos[to] = nanos[from];
        }
    }

    private void put(int at, long time, short nano, long ref) {
        times[at] = time;
        refs[at] = ref;
        if (nanos != null) {
            nanos[at] = nano;
        }
    }

    private void reserve(int rows) {
        if (scratchTimes.length < rows) {
            scratchTimes = new long[rows];
            scratchRefs = new long[rows];
            scratchNanos = new short[nanos == null ? 0 : rows];
        }
    }
}
