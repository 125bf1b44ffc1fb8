package io.weir.query.delete;

import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.CatalogError;
import java.time.Clock;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** What deletes and drops have in common: they are recorded, and repeated while their outcome is unknown. */
final class Acts {

    private static final int REPETITIONS = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final int MOST_SUBJECT = 256;
    private static final int MOST_DETAIL = 1024;

    private Acts() {}

    /** The entry of the audit log. */
    static AuditEntry entry(Principal caller, Clock clock, String act, String subject, String detail) {
        return new AuditEntry(
                0,
                clock.instant(),
                caller.organisation(),
                cut(caller.toString(), MOST_SUBJECT),
                act,
                cut(subject, MOST_SUBJECT),
                cut(detail, MOST_DETAIL));
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }

    /** Fails as {@code overloaded}: hot rows do not get into files in time. */
    static <T> Mono<T> notFlushed(String name) {
        return Mono.error(() -> new WeirException(
                CommonError.OVERLOADED,
                "hot rows of \"" + name + "\" did not get into files in time, and nothing is deleted; try again later"));
    }

    /** A change that may be repeated, until its outcome is known. */
    static <T> Mono<T> untilKnown(Mono<T> change) {
        return change.retryWhen(Retry.backoff(REPETITIONS, FIRST_PAUSE)
                .filter(failure -> failure instanceof WeirException weir && weir.code() == CatalogError.COMMIT_UNKNOWN)
                .onRetryExhaustedThrow((retry, last) -> last.failure()));
    }
}
