package io.weir.ingest.wal;

import io.weir.common.error.WeirException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An append on its way through the log; once it is queued only the thread of the log touches it. */
final class PendingAppend {

    private final WalAppend append;
    private final long sizeBytes;
    private final long queuedNanos = System.nanoTime();
    private @Nullable Consumer<@Nullable WeirException> whenDone;
    private long baseSequence;
    private long position;

    /** @param whenDone called once, with null for success */
    PendingAppend(WalAppend append, long sizeBytes, Consumer<@Nullable WeirException> whenDone) {
        this.append = append;
        this.sizeBytes = sizeBytes;
        this.whenDone = whenDone;
    }

    WalAppend append() {
        return append;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** How long it has been on its way. */
    long ageNanos() {
        return System.nanoTime() - queuedNanos;
    }

    void place(long sequence, long startOfFrame) {
        baseSequence = sequence;
        position = startOfFrame;
    }

    long baseSequence() {
        return baseSequence;
    }

    /** Where its frame starts in the segment. */
    long position() {
        return position;
    }

    void complete() {
        finish(null);
    }

    /** Fails the append, unless it is finished. */
    void fail(WeirException failure) {
        finish(failure);
    }

    private void finish(@Nullable WeirException failure) {
        Consumer<@Nullable WeirException> callback = whenDone;
        whenDone = null;
        if (callback != null) {
            callback.accept(failure);
        }
    }
}
