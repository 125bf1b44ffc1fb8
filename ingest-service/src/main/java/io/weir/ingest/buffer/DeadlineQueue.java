package io.weir.ingest.buffer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Things with a deadline, the earliest first: a binary heap that knows where each thing sits, so that adding, removing
 * and taking the earliest cost O(log n) and looking costs nothing. A waiter sleeps until the earliest deadline or until
 * an earlier one is added. Deadlines are {@link System#nanoTime} values. Thread-safe.
 *
 * @param <T> things, told apart by {@code equals}
 */
final class DeadlineQueue<T> {

    private final Map<T, Entry<T>> entries = new HashMap<>();
    private @Nullable Entry<T>[] heap = newHeap(64);
    private int size;
    private boolean woken;

    private static final class Entry<T> {
        final T value;
        final long deadline;
        int index;

        Entry(T value, long deadline) {
            this.value = value;
            this.deadline = deadline;
        }
    }

    /** Adds a thing unless it is there already, whatever its deadline; true when it was added. */
    synchronized boolean offerIfAbsent(T value, long deadlineNanos) {
        if (entries.containsKey(value)) {
            return false;
        }
        Entry<T> entry = new Entry<>(value, deadlineNanos);
        entries.put(value, entry);
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        siftUp(size++, entry);
        if (entry.index == 0) {
            notifyAll();
        }
        return true;
    }

    /** Removes a thing; true when it was there. */
    synchronized boolean remove(T value) {
        Entry<T> entry = entries.remove(value);
        if (entry == null) {
            return false;
        }
        removeAt(entry.index);
        return true;
    }

    /** Takes the thing with the earliest deadline if that has come; null otherwise. */
    synchronized @Nullable T pollDue(long nowNanos) {
        if (size == 0 || at(0).deadline - nowNanos > 0) {
            return null;
        }
        Entry<T> first = at(0);
        entries.remove(first.value);
        removeAt(0);
        return first.value;
    }

    /** Nanoseconds until the earliest deadline, 0 when it has come; empty when there is none. */
    synchronized Optional<Long> nanosToNext(long nowNanos) {
        return size == 0 ? Optional.empty() : Optional.of(Math.max(0, at(0).deadline - nowNanos));
    }

    /** Waits until a thing becomes the earliest or {@link #wake}, at most {@code maxNanos}; returns early without harm. */
    @SuppressWarnings("WaitNotInLoop") // waking early is harmless: the caller looks again
    synchronized void awaitEarlier(long maxNanos) throws InterruptedException {
        if (woken) {
            woken = false;
            return;
        }
        long now = System.nanoTime();
        long wait = Math.min(maxNanos, size == 0 ? maxNanos : at(0).deadline - now);
        if (wait > 0) {
            wait(wait / 1_000_000, (int) (wait % 1_000_000));
            woken = false;
        }
    }

    /** Ends the wait of whoever waits; when nobody does, the next wait ends at once. */
    synchronized void wake() {
        woken = true;
        notifyAll();
    }

    synchronized int size() {
        return size;
    }

    private void removeAt(int index) {
        Entry<T> last = at(--size);
        heap[size] = null;
        if (index == size) {
            return;
        }
        siftDown(index, last);
        if (at(index) == last) {
            siftUp(index, last);
        }
    }

    private void siftUp(int start, Entry<T> entry) {
        int index = start;
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            if (at(parent).deadline - entry.deadline <= 0) {
                break;
            }
            place(index, at(parent));
            index = parent;
        }
        place(index, entry);
    }

    private void siftDown(int start, Entry<T> entry) {
        int index = start;
        while (2 * index + 1 < size) {
            int child = 2 * index + 1;
            if (child + 1 < size && at(child + 1).deadline - at(child).deadline < 0) {
                child++;
            }
            if (entry.deadline - at(child).deadline <= 0) {
                break;
            }
            place(index, at(child));
            index = child;
        }
        place(index, entry);
    }

    private void place(int index, Entry<T> entry) {
        heap[index] = entry;
        entry.index = index;
    }

    @SuppressWarnings("NullAway") // slots below size are filled
    private Entry<T> at(int index) {
        return heap[index];
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <T> @Nullable Entry<T>[] newHeap(int capacity) {
        return new Entry[capacity];
    }
}
