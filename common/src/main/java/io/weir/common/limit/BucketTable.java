package io.weir.common.limit;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Token buckets in memory that is fixed from the start, however many keys come. Thread-safe.
 *
 * <pre>
 *   key ── hash ──▶ set ─┬─ key, full again at ─┐  8 ways: a key is in one of them, or in none
 *                        └─ …                   ┘  none free: the way that is full again first is given away
 * </pre>
 *
 * A bucket is one number, the time at which it is full again (the generic cell rate algorithm): a bucket that is full
 * needs no place, since a new one is full too. Only when more than eight keys of one set are in use at once does one of them
 * forget what it took. Where keys fall is drawn by lot at the start, so nobody can choose a set.
 */
final class BucketTable implements Buckets {

    private static final int WAYS = 8;
    private static final int LOCKS = 64;
    private static final long FREE = 0;

    private final long[] keys;
    private final long[] fullAgainNanos;
    private final Object[] locks = new Object[LOCKS];
    private final long seed;
    private final long tokenNanos;
    private final long capacityNanos;
    private final LongSupplier nanoTime;
    private final LongAdder forgotten = new LongAdder();

    /**
     * Buckets that are full.
     *
     * @param places keys that are remembered at once, rounded up to a power of two, at least 8
     * @param tokens size of each bucket
     * @param fillNanos time in which an empty one becomes full
     * @param nanoTime a clock that never goes back
     */
    BucketTable(int places, long tokens, long fillNanos, long seed, LongSupplier nanoTime) {
        int size = Math.max(WAYS, Integer.highestOneBit(Math.max(1, places - 1)) << 1);
        this.keys = new long[size];
        this.fullAgainNanos = new long[size];
        this.seed = seed;
        this.tokenNanos = Math.max(1, fillNanos / tokens);
        this.capacityNanos = tokenNanos * tokens;
        this.nanoTime = nanoTime;
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new Object();
        }
    }

    @Override
    public long take(long key) {
        long named = key == FREE ? ~FREE : key;
        int set = (int) (mix(named ^ seed) & (keys.length / WAYS - 1));
        synchronized (locks[set & (LOCKS - 1)]) { // held for a few reads, never while waiting
            return take(named, set * WAYS, nanoTime.getAsLong());
        }
    }

    private long take(long key, int first, long now) {
        int place = place(key, first, now);
        long full = fullAgainNanos[place] - now > 0 ? fullAgainNanos[place] : now;
        long missing = full + tokenNanos - now - capacityNanos;
        if (missing > 0) {
            return missing;
        }
        fullAgainNanos[place] = full + tokenNanos;
        return 0;
    }

    /** Has a key's bucket full again no sooner than in that time. */
    void owe(long key, long nanos) {
        long named = key == FREE ? ~FREE : key;
        int set = (int) (mix(named ^ seed) & (keys.length / WAYS - 1));
        synchronized (locks[set & (LOCKS - 1)]) {
            long now = nanoTime.getAsLong();
            int place = place(named, set * WAYS, now);
            long full = now + nanos;
            if (full - fullAgainNanos[place] > 0) {
                fullAgainNanos[place] = full;
            }
        }
    }

    /** Time in which a bucket gets one token back. */
    long tokenNanos() {
        return tokenNanos;
    }

    /** Where the key is from now on. */
    private int place(long key, int first, long now) {
        int place = placeOf(key, first, now);
        if (keys[place] != key) {
            if (keys[place] != FREE && fullAgainNanos[place] - now > 0) {
                forgotten.increment();
            }
            keys[place] = key;
            fullAgainNanos[place] = now;
        }
        return place;
    }

    /** Where the key is, else where it should be: a free place, else the one whose bucket is full first. */
    private int placeOf(long key, int first, long now) {
        int best = first;
        for (int place = first; place < first + WAYS; place++) {
            if (keys[place] == key) {
                return place;
            }
            boolean worse = keys[best] == FREE
                    || (keys[place] != FREE && fullAgainNanos[place] - now >= fullAgainNanos[best] - now);
            best = worse ? best : place;
        }
        return best;
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }

    /** Keys that have a place, of whatever age. */
    int size() {
        int size = 0;
        for (long key : keys) {
            size += key == FREE ? 0 : 1;
        }
        return size;
    }

    /** Keys that can have a place. */
    int places() {
        return keys.length;
    }

    /** Buckets that were given to another key before they were full again. */
    long forgotten() {
        return forgotten.sum();
    }
}
