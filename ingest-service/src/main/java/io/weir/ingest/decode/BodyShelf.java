package io.weir.ingest.decode;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A few idle arrays for bodies that are decoded as a whole, because making and clearing one costs a fifth of decoding it. At most eight of
 * at most 2 MiB each; an array that is not put back is left to the collector. Thread-safe, never blocks.
 */
public final class BodyShelf {

    /** The one of the process. */
    public static final BodyShelf SHARED = new BodyShelf();

    private static final int PLACES = 8;
    private static final int LARGEST = 2 << 20;

    private final AtomicReferenceArray<byte @Nullable []> places = new AtomicReferenceArray<>(PLACES);

    /** An idle array of any length and content, which the caller owns; an empty one when there is none. */
    public byte[] take() {
        for (int i = 0; i < PLACES; i++) {
            byte[] idle = places.getAndSet(i, null);
            if (idle != null) {
                return idle;
            }
        }
        return new byte[0];
    }

    /** Like {@link #take()}, but only an array of {@code least} to {@code most} bytes. */
    byte[] take(long least, long most) {
        for (int i = 0; i < PLACES; i++) {
            byte[] idle = places.get(i);
            if (idle != null && idle.length >= least && idle.length <= most && places.compareAndSet(i, idle, null)) {
                return idle;
            }
        }
        return new byte[0];
    }

    /** Takes over an array that nobody uses any more. */
    public void putBack(byte[] array) {
        if (array.length > 0 && array.length <= LARGEST) {
            for (int i = 0; i < PLACES; i++) {
                if (places.compareAndSet(i, null, array)) {
                    return;
                }
            }
        }
    }
}
