package io.weir.storage.duckdb;

import io.weir.common.error.WeirException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Why a query was ended from outside of its stream, if it was. Thread-safe. */
final class QueryVerdict {

    private final AtomicReference<@Nullable WeirException> reason = new AtomicReference<>();
    private final Sinks.Empty<Void> passed = Sinks.empty();

    /** Ends the query with that reason; false when it has one already. */
    boolean pass(WeirException failure) {
        if (!reason.compareAndSet(null, failure)) {
            return false;
        }
        passed.tryEmitEmpty();
        return true;
    }

    /**
     * {@code stream}, cut off with the verdict as its error as soon as one is passed, whatever its demand. (An error as
     * the other side of {@code takeUntilOther} would not cancel the stream, so the signal is a completion.)
     */
    <T> Flux<T> over(Flux<T> stream) {
        return stream.takeUntilOther(passed.asMono()).concatWith(Mono.defer(() -> {
            WeirException failure = reason.get();
            return failure == null ? Mono.empty() : Mono.error(failure);
        }));
    }
}
