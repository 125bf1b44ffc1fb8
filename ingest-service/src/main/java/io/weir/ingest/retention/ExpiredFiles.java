package io.weir.ingest.retention;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.RandomIds;
import io.weir.common.model.TableId;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.ExpiredRows;
import io.weir.storage.catalog.FileChange;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.catalog.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Drops files of which every row is too old, by what the catalog knows of them: no file is opened. The files of a
 * measurement go in one transaction, which depends on the lease, so readers see them all or none, and their objects are
 * condemned with it; only of more than {@value #MOST_AT_ONCE} do the oldest go first. Stateless and thread-safe.
 */
final class ExpiredFiles {

    private static final int MOST_AT_ONCE = 20_000;
    private static final int REPETITIONS = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private final Catalog catalog;
    private final RetentionPolicies policies;
    private final int atOnce;

    ExpiredFiles(Catalog catalog, RetentionPolicies policies) {
        this(catalog, policies, MOST_AT_ONCE);
    }

    /** @param atOnce most files of one transaction */
    ExpiredFiles(Catalog catalog, RetentionPolicies policies, int atOnce) {
        this.catalog = catalog;
        this.policies = policies;
        this.atOnce = atOnce;
    }

    /**
     * Drops what a policy's measurements have of rows older than the cutoff.
     *
     * @return an error {@code lease-lost}, or of the catalog; what was dropped before it stays dropped
     */
    Mono<Dropped> drop(RetentionPolicy policy, Instant cutoff, Lease lease) {
        return policies.expired(policy, cutoff)
                .flatMapMany(Flux::fromIterable)
                .filter(found -> found.files() > 0)
                .map(ExpiredRows::table)
                .concatMap(table -> dropAll(table, cutoff, lease))
                .reduce(Dropped.NOTHING, Dropped::plus);
    }

    private Mono<Dropped> dropAll(TableId table, Instant cutoff, Lease lease) {
        return Mono.defer(() -> dropOnce(table, cutoff, lease))
                .retryWhen(again(CatalogError.COMMIT_CONFLICT)) // compaction has merged some of them meanwhile
                .repeat()
                .takeUntil(dropped -> dropped.files() < atOnce)
                .reduce(Dropped.NOTHING, Dropped::plus);
    }

    private Mono<Dropped> dropOnce(TableId table, Instant cutoff, Lease lease) {
        return policies.expiredFiles(table, cutoff, atOnce).flatMap(files -> {
            if (files.isEmpty()) {
                return Mono.just(Dropped.NOTHING);
            }
            List<String> keys = files.stream().map(DataFile::objectKey).toList();
            FileChange change = new FileChange(RandomIds.next(), table, List.of(), keys, lease);
            return Mono.defer(() -> catalog.change(change))
                    .retryWhen(again(CatalogError.COMMIT_UNKNOWN))
                    .thenReturn(Dropped.of(files))
                    .onErrorResume(ExpiredFiles::isOfNoMeasurement, gone -> Mono.just(Dropped.NOTHING));
        });
    }

    /** Repeats what failed with that code, some times, with pauses. */
    static Retry again(CatalogError code) {
        return Retry.backoff(REPETITIONS, FIRST_PAUSE)
                .filter(failure -> is(failure, code))
                .onRetryExhaustedThrow((retry, last) -> last.failure());
    }

    /** Whether the measurement is gone, with all that was to be dropped of it. */
    static boolean isOfNoMeasurement(Throwable failure) {
        return is(failure, CommonError.MEASUREMENT_NOT_FOUND);
    }

    private static boolean is(Throwable failure, io.weir.common.error.ErrorCode code) {
        return failure instanceof WeirException weir && weir.code() == code;
    }
}
