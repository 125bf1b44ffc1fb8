package io.weir.query.delete;

import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.storage.catalog.AuditEntry;
import java.time.Clock;
import reactor.core.publisher.Mono;

/** What deletes and drops have in common: they are recorded, and fail where hot rows stay hot. */
final class Acts {

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
                "hot rows of \"" + name
                        + "\" did not get into files in time, and nothing is deleted; try again later"));
    }
}
