package io.weir.storage.catalog;

import io.weir.common.model.DatabaseId;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Which log may take rows under an idempotency key, where several processes share a catalog: a key that one has claimed the
 * others leave alone, so that a write that is sent to two of them is stored by one. Only the database's clock decides when
 * a claim ends. Errors are those of {@link Catalog}. Thread-safe, and never blocks.
 */
public interface KeyClaims {

    /**
     * A claim.
     *
     * @param database whose key it is
     * @param text the key
     */
    record Claim(DatabaseId database, String text) {}

    /** Claims a key for a log, for that long from now, again if it has it; false when another log has it. */
    Mono<Boolean> claim(Claim claim, String walId, Duration time);

    /** Gives a key back, if that log has it. */
    Mono<Void> release(Claim claim, String walId);

    /** Keys that a log has claimed, in no particular order, at most so many. */
    Mono<List<Claim>> of(String walId, int atMost);

    /** Removes claims that have ended. @return how many */
    Mono<Long> forgetEnded();
}
