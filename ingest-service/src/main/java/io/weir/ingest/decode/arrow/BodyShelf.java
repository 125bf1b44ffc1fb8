package io.weir.ingest.decode.arrow;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A few idle arrays for bodies of messages, because making and clearing one costs a fifth of decoding it. At most eight of
 * at most 2 MiB each; an array that is not put back is left to the collector. Thread-safe, never blocks.
 */
final class BodyShelf {

    static final BodyShelf SHARED = new BodyShelf();

    private static final int PLACES = 8;
    private static final int LARGEST = 2 << 20;

    private final AtomicReferenceArray<byte @Nullable []> places = new AtomicReferenceArray<>(PLACES);

    /** An idle array of any length and content, which the caller owns; an empty one when there is none. */
    byte[] take() {
        for (int i = 0; i < PLACES; i++) {
            byte[] idle = places.getAndSet(i, null);
            if (idle != null) {
                return idle;
            }
        }
        return new byte[0];
    }

    /** Takes over an array that nobody uses any more. */
    void putBack(byte[] array) {
        if (array.length > 0 && array.length <= LARGEST) {
            for (int i = 0; i < PLACES; i++) {
                if (places.compareAndSet(i, null, array)) {
                    return;
                }
            }
        }
    }
}
