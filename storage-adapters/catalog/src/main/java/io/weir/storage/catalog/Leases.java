package io.weir.storage.catalog;

import java.time.Duration;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * Leases with fencing tokens. Only the database's clock decides when one ends, so clocks of replicas may differ at will.
 * Errors are {@link io.weir.common.error.WeirException}s as those of {@link Catalog}. Thread-safe, and never blocks.
 */
public interface Leases {

    /**
     * Takes a lease that nobody holds. When the answer is lost it may have been taken, and then ends by itself.
     *
     * @param name at most 255 characters
     * @param holder who wants it, for people to read, at most 255 characters
     * @param time how long it is held unless it is renewed
     * @return empty when it is held, by whomever
     */
    Mono<Lease> acquire(String name, String holder, Duration time);

    /** Holds a lease for that long from now; an error {@code lease-lost} when it ended or is another's. */
    Mono<Void> renew(Lease lease, Duration time);

    /**
     * Does something while it holds a lease, which is renewed meanwhile and given back at the end, also when it is cancelled.
     *
     * @param time how long the lease outlives a process that dies
     * @param work what is done; cancelled when the lease is lost or cannot be renewed, soon after but not at once
     * @return what the work returns; empty, and nothing was done, when the lease is held by another; an error of the work, of
     *     {@link #acquire} or of {@link #renew}
     */
    default <T> Mono<T> during(String name, String holder, Duration time, Function<Lease, Mono<T>> work) {
        Duration pause = time.dividedBy(3);
        return Mono.usingWhen(
                acquire(name, holder, time),
                lease -> work.apply(lease)
                        .takeUntilOther(Mono.delay(pause)
                                .then(Mono.defer(() -> renew(lease, time)))
                                .repeat()),
                lease -> release(lease).onErrorComplete()); // then it ends by itself
    }

    /** Gives a lease back, so that it can be acquired at once; nothing happens when it is lost. */
    Mono<Void> release(Lease lease);
}
