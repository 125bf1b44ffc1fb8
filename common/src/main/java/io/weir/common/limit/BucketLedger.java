package io.weir.common.limit;

import java.util.List;
import reactor.core.publisher.Mono;

/** Where replicas settle what each has taken from the token buckets they share. Implementations never block and never fail. */
public interface BucketLedger {

    /** Most keys of one call. */
    int MOST_KEYS = 256;

    /**
     * What was taken from a bucket.
     *
     * @param key the bucket
     * @param tokens how many were taken, at least 1
     */
    record Taken(long key, int tokens) {}

    /**
     * Takes those tokens from the shared buckets, each bucket in one step, whether they hold as many or not: what is too
     * much is owed, and is paid by waiting.
     *
     * @param kind tells buckets of the same key and different meaning apart; letters
     * @param taken at most {@link #MOST_KEYS}, each key once
     * @param tokenNanos time in which a bucket gets one token back
     * @return for each of them, in order, nanoseconds until the shared bucket is full again; empty when that cannot be told now,
     *     and then nothing may have been taken
     */
    Mono<List<Long>> settle(String kind, List<Taken> taken, long tokenNanos);
}
