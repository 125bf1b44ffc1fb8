package io.weir.storage.parquet.merging;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The inputs of a merge, the one with the next row first: a binary heap. Not thread-safe. */
final class MergeQueue {

    private final List<TagValues> tags;
    private final Cursor[] heap;
    private int size;

    MergeQueue(int capacity, List<TagValues> tags) {
        this.heap = new Cursor[capacity];
        this.tags = tags;
    }

    int size() {
        return size;
    }

    Cursor get(int index) {
        return heap[index];
    }

    void add(Cursor cursor) {
        int at = size++;
        while (at > 0 && cursor.compare(heap[(at - 1) / 2], tags) < 0) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = cursor;
    }

    /** Whose row comes after those of the first; null when there is no other. */
    @Nullable
    Cursor second() {
        if (size < 2) {
            return null;
        }
        return size == 2 || heap[1].compare(heap[2], tags) < 0 ? heap[1] : heap[2];
    }

    void removeFirst() {
        size--;
        if (size > 0) {
            place(heap[size]);
        }
    }

    /** To be called when the first has moved on. */
    void firstMoved() {
        place(heap[0]);
    }

    private void place(Cursor cursor) {
        int at = 0;
        for (int child = 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && heap[child + 1].compare(heap[child], tags) < 0) {
                child++;
            }
            if (cursor.compare(heap[child], tags) <= 0) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = cursor;
    }
}
