package io.weir.common.limit;

/**
 * Token buckets by key, all of one size. Never blocks. A store shared by replicas answers from what it knows at once and
 * settles with the others behind the caller's back, so that a request never waits for it.
 */
public interface Buckets {

    /**
     * Takes one token out of a key's bucket.
     *
     * @return 0 when it had one; else nanoseconds until it has one again
     */
    long take(long key);
}
