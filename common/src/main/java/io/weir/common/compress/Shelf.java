package io.weir.common.compress;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A few idle objects that are dear to make. Never blocks: an empty shelf makes a new one, a full one disposes of what it
 * is given. Thread-safe.
 *
 * @param <T> kind of object
 */
final class Shelf<T> {

    private final Queue<T> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final int capacity;
    private final Supplier<T> maker;
    private final Consumer<T> disposer;

    Shelf(int capacity, Supplier<T> maker, Consumer<T> disposer) {
        this.capacity = capacity;
        this.maker = maker;
        this.disposer = disposer;
    }

    /** An idle object, or a new one; the caller owns it. */
    T take() {
        T object = idle.poll();
        if (object == null) {
            return maker.get();
        }
        count.decrementAndGet();
        return object;
    }

    /** Takes over an object that is ready for its next use. */
    void putBack(T object) {
        if (count.incrementAndGet() <= capacity) {
            idle.add(object);
        } else {
            count.decrementAndGet();
            disposer.accept(object);
        }
    }

    /** How many objects are idle. */
    int size() {
        return count.get();
    }
}
