package io.weir.ingest.retention;

import io.weir.common.model.RandomIds;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.ExpiredRows;
import io.weir.storage.catalog.KnownOutcome;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.NewDelete;
import io.weir.storage.catalog.PolicyDelete;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.catalog.RetentionPolicy;
import io.weir.storage.catalog.TableSnapshot;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Deletes rows that are too old from files that hold younger ones too.
 *
 * <pre>
 *   files across the cutoff ─ worth it? ─ count their old rows ─ one delete of them, under the lease ─ the loop of deletes rewrites the files
 * </pre>
 *
 * The delete is one as anybody makes: from its commit on no query sees the rows, whatever becomes of the rewriting. By itself a
 * policy leaves a file alone until a share of its times is too old, so a file is not rewritten for a few rows, and while an earlier
 * delete waits to be applied to it. Stateless and thread-safe.
 */
final class BoundaryFiles {

    /** Counts rows, as {@link io.weir.ingest.rewrite.FileRewrite#count} does. */
    interface RowCount {
        Mono<Long> count(DataFile file, MeasurementSchema schema, String predicate, List<String> deleted);
    }

    /** Which files across the cutoff are meant. */
    enum Which {
        /** Those that it is time to rewrite. */
        DUE,
        /** All. */
        ALL
    }

    private final Catalog catalog;
    private final RetentionPolicies policies;
    private final Deletes deletes;
    private final RowCount counter;
    private final double share;

    /** @param share which part of a file's times is to be too old before it is due */
    BoundaryFiles(Catalog catalog, RetentionPolicies policies, Deletes deletes, RowCount counter, double share) {
        this.catalog = catalog;
        this.policies = policies;
        this.deletes = deletes;
        this.counter = counter;
        this.share = share;
    }

    /**
     * All that {@link #delete} would delete now, of each measurement that has any, in order of name.
     *
     * @param found what the policy's measurements have of rows older than the cutoff
     * @return an error of the store or the engine when a file cannot be read
     */
    Mono<List<BoundaryRows>> find(List<ExpiredRows> found, Instant cutoff) {
        return tables(found)
                .concatMap(table -> rows(table, cutoff, Which.ALL, Mono::error))
                .filter(rows -> !rows.files().isEmpty())
                .collectList();
    }

    private static Flux<TableId> tables(List<ExpiredRows> found) {
        return Flux.fromIterable(found).filter(rows -> rows.boundaryFiles() > 0).map(ExpiredRows::table);
    }

    /**
     * Deletes what a policy's measurements have of rows older than the cutoff in such files.
     *
     * @param unread is told of each file that could not be read; its rows stay
     * @return an error {@code lease-lost}, or of the catalog; what was deleted before it stays deleted
     */
    Mono<Dropped> delete(RetentionPolicy policy, Instant cutoff, Which which, Lease lease, Consumer<Throwable> unread) {
        return policies.expired(policy, cutoff)
                .flatMapMany(BoundaryFiles::tables)
                .concatMap(table -> Mono.defer(() -> rows(table, cutoff, which, failure -> {
                            unread.accept(failure);
                            return Mono.empty();
                        }))
                        .flatMap(rows -> delete(policy, cutoff, rows, lease))
                        .retryWhen(ExpiredFiles.again(CatalogError.COMMIT_CONFLICT))
                        .onErrorResume(ExpiredFiles::isOfNoMeasurement, gone -> Mono.empty()))
                .reduce(Dropped.NOTHING, Dropped::plus);
    }

    private Mono<Dropped> delete(RetentionPolicy policy, Instant cutoff, BoundaryRows rows, Lease lease) {
        if (rows.files().isEmpty()) {
            return Mono.empty();
        }
        NewDelete delete = new NewDelete(
                RandomIds.next(),
                rows.table(),
                predicate(cutoff),
                true,
                new TimeRange(rows.minMicros(), micros(cutoff) - 1),
                rows.rows());
        PolicyDelete ofPolicy = new PolicyDelete(delete, policy.id(), rows.keys(), lease);
        return KnownOutcome.of(Mono.defer(() -> deletes.begin(ofPolicy))).thenReturn(Dropped.of(rows));
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static String predicate(Instant cutoff) {
        return "\"time\" < make_timestamptz(" + micros(cutoff) + ")";
    }

    /** @param unread what becomes of a file that cannot be read */
    private Mono<BoundaryRows> rows(
            TableId table, Instant cutoff, Which which, Function<Throwable, Mono<BoundaryRows.OfFile>> unread) {
        long at = micros(cutoff);
        return catalog.snapshot(table, new TimeRange(at - 1, at), List.of())
                .flatMap(snapshot -> Flux.fromIterable(snapshot.files())
                        .filter(file -> file.minMicros() < at && file.maxMicros() >= at)
                        .filter(file -> which == Which.ALL || isDue(file, at, snapshot))
                        .concatMap(
                                file -> count(file, snapshot, predicate(cutoff)).onErrorResume(unread))
                        .filter(of -> of.rows() > 0)
                        .collectList()
                        .map(files -> new BoundaryRows(table, files)));
    }

    private Mono<BoundaryRows.OfFile> count(DataFile file, TableSnapshot snapshot, String predicate) {
        return counter.count(file, snapshot.schema(), predicate, deleted(file, snapshot))
                .map(rows -> new BoundaryRows.OfFile(file, rows));
    }

    private static List<String> deleted(DataFile file, TableSnapshot snapshot) {
        return snapshot.deleted().getOrDefault(file.objectKey(), List.of());
    }

    /** In floating point, for the times of a file can be further apart than a whole number can say. */
    private boolean isDue(DataFile file, long cutoffMicros, TableSnapshot snapshot) {
        double old = (double) cutoffMicros - file.minMicros();
        return deleted(file, snapshot).isEmpty() && old >= share * ((double) file.maxMicros() - file.minMicros());
    }
}
