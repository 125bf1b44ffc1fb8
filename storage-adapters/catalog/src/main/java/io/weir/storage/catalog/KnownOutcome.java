package io.weir.storage.catalog;

import io.weir.common.error.WeirException;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Repeats changes of the catalog whose outcome is not known, which does no harm where they have an id. */
public final class KnownOutcome {

    private static final int REPETITIONS = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private KnownOutcome() {}

    /** The change, repeated some times while it ends as {@code catalog-commit-unknown}; every other failure is passed on. */
    public static <T> Mono<T> of(Mono<T> change) {
        return change.retryWhen(Retry.backoff(REPETITIONS, FIRST_PAUSE)
                .filter(failure -> failure instanceof WeirException weir && weir.code() == CatalogError.COMMIT_UNKNOWN)
                .onRetryExhaustedThrow((retry, last) -> last.failure()));
    }
}
