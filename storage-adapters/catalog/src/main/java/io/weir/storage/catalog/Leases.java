package io.weir.storage.catalog;

import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * Leases with fencing tokens. Only the database's clock decides when one ends, so clocks of replicas may differ at will.
 * Errors are {@link io.weir.common.error.WeirException}s as those of {@link Catalog}. Thread-safe, and never blocks.
 */
public interface Leases {

    /**
     * Takes a lease that nobody holds. When the answer is lost it may have been taken, and then ends by itself.
     *
     * @param name at most 255 characters; names stay in the catalog, so there should be few
     * @param holder who wants it, for people to read, at most 255 characters
     * @param time how long it is held unless it is renewed
     * @return empty when it is held, by whomever
     */
    Mono<Lease> acquire(String name, String holder, Duration time);

    /** Holds a lease for that long from now; an error {@code lease-lost} when it ended or is another's. */
    Mono<Void> renew(Lease lease, Duration time);

    /** Gives a lease back, so that it can be acquired at once; nothing happens when it is lost. */
    Mono<Void> release(Lease lease);
}
