package io.weir.ingest.decode;

import io.weir.common.model.DatabaseId;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What is known of one database when a request begins, its series keys and its {@link KnownTexts columns of texts}, and the way
 * to make what the request brings known too.
 * Learning keys costs about as much as taking them apart did, so it waits until it will have paid: until requests have
 * missed an eighth as many keys as are known, and twice as long each time that what was learnt was hardly used.
 * Thread-safe.
 */
public final class KnownSeries {

    private static final int FEWEST_MISSES = 64;
    private static final int LONGEST_PATIENCE = 10;

    private final SeriesMemory memory;
    private final DatabaseId database;
    private final KnownTexts texts;
    private final AtomicBoolean learning = new AtomicBoolean();
    private volatile SeriesBook book = SeriesBook.empty();
    private volatile int patience;
    /** What the memory counts for this; guarded by it. */
    long countedBytes;

    KnownSeries(SeriesMemory memory, DatabaseId database) {
        this.memory = memory;
        this.database = database;
        this.texts = new KnownTexts(memory.maxBytesOfDatabase() / 2, held -> resized());
    }

    DatabaseId database() {
        return database;
    }

    /** Columns of texts, of columnar requests. */
    KnownTexts texts() {
        return texts;
    }

    /** Heap held now. */
    long sizeBytes() {
        return book.sizeBytes() + texts.sizeBytes();
    }

    /** The keys known now. */
    SeriesBook book() {
        return book;
    }

    /** Takes note of the keys of a request that has been decoded with the help of {@code used}, and perhaps learns them. */
    void learn(SeriesBook used, SeriesKeys found) {
        used.count(found.remembered(), found.added().size());
        if (found.added().size() == 0 || !isDue(used) || !learning.compareAndSet(false, true)) {
            return;
        }
        try {
            if (book == used) {
                boolean paid = used.size() == 0 || used.hits() >= used.misses();
                patience = paid ? 0 : Math.min(patience + 1, LONGEST_PATIENCE);
                SeriesBook base = isFull(used) ? SeriesBook.empty() : used;
                book = base.plus(found, memory.maxBytesOfDatabase());
                resized();
            }
        } finally {
            learning.set(false);
        }
    }

    /** Whether {@link #learn} will take a time in proportion to all keys known, not only to those of the request. */
    boolean isLearningLong(SeriesBook used, SeriesKeys found) {
        return used.size() > 0
                && found.added().size() > 0
                && isDue(used, used.misses() + found.added().size());
    }

    private void resized() {
        memory.resize(this, sizeBytes());
    }

    private boolean isDue(SeriesBook used) {
        return isDue(used, used.misses());
    }

    private boolean isDue(SeriesBook used, long missed) {
        long misses = isFull(used) ? used.size() : Math.max(FEWEST_MISSES, used.size() / 8);
        return used.size() == 0 || missed >= misses << patience;
    }

    private boolean isFull(SeriesBook used) {
        return used.sizeBytes() > memory.maxBytesOfDatabase() / 2;
    }
}
