package io.weir.standalone.server;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.upkeep.StoreOwnership;
import io.weir.storage.upkeep.UpkeepError;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Looks at the object store when the server starts. One that answers and refuses ends the start: somebody has to change
 * something. One that does not answer does not: rows are taken into the log, health tells of it, and it is asked again
 * until it answers. Thread-safe.
 */
final class StoreAtStart implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreAtStart.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final StoreOwnership ownership;
    private final String place;
    private final Duration patience;
    private final Duration pause;
    private volatile @Nullable String problem;
    private volatile @Nullable Disposable asking;

    /** A look at the store of that place. */
    StoreAtStart(StoreOwnership ownership, String place) {
        this(ownership, place, PATIENCE, PAUSE);
    }

    StoreAtStart(StoreOwnership ownership, String place, Duration patience, Duration pause) {
        this.ownership = ownership;
        this.place = place;
        this.patience = patience;
        this.pause = pause;
    }

    /** Looks, within ten seconds; an error {@code configuration} when the store refuses. */
    Mono<Void> look() {
        return once().onErrorResume(e -> {
            if (ObjectStoreError.OBJECT_STORE_REFUSED.is(e)) {
                return Mono.error(new WeirException(
                        CommonError.CONFIGURATION,
                        "the object store " + place + " refuses: " + detail(e)
                                + " (expected: a bucket that exists, and credentials that may list, read, write and remove)",
                        e));
            }
            tell(e);
            return Mono.empty();
        });
    }

    private Mono<Void> once() {
        return ownership
                .claim()
                .timeout(
                        patience,
                        Mono.error(() -> new WeirException(
                                ObjectStoreError.OBJECT_STORE_TIMEOUT,
                                "it did not answer within " + patience.toMillis() + " ms")))
                .doOnSuccess(done -> problem = null);
    }

    private void tell(Throwable failure) {
        problem = detail(failure);
        if (failure instanceof WeirException weir && weir.code() == UpkeepError.STORE_OF_ANOTHER_CATALOG) {
            LOG.warn("object store {}: {}", place, detail(failure));
            return;
        }
        LOG.warn("object store {} does not answer; rows wait in the log until it does", place, failure);
        asking = Mono.delay(pause)
                .then(Mono.defer(this::once))
                .doOnError(e -> problem = detail(e))
                .retry()
                .subscribe(done -> {}, e -> LOG.error("object store {} is not asked again", place, e));
    }

    private static String detail(Throwable failure) {
        return failure instanceof WeirException weir ? weir.detail() : String.valueOf(failure.getMessage());
    }

    /** What is wrong with the store since the start, in a sentence; null when nothing is. */
    @Nullable
    String problem() {
        return problem;
    }

    @Override
    public void close() {
        Disposable underWay = asking;
        if (underWay != null) {
            underWay.dispose();
        }
    }
}
