package io.weir.ingest.retention;

import io.weir.storage.catalog.Boundary;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.ExpiredRows;
import io.weir.storage.catalog.RetentionPolicies;
import io.weir.storage.catalog.RetentionPolicy;
import java.time.Instant;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Says what a policy would take if somebody asked it to run now, and changes nothing. Stateless and thread-safe. */
final class RetentionTrial {

    /** Most files that are named. */
    static final int FILES_SHOWN = 1000;

    private final RetentionPolicies policies;
    private final PolicyRun run;
    private final BoundaryFiles boundary;
    private final ExpiredHotRows hot;

    RetentionTrial(RetentionPolicies policies, PolicyRun run, BoundaryFiles boundary, ExpiredHotRows hot) {
        this.policies = policies;
        this.run = run;
        this.boundary = boundary;
        this.hot = hot;
    }

    /**
     * What would go.
     *
     * @param rule what becomes of boundary files
     * @param cutoff rows older than that would go
     * @param found what is that old, by measurement
     * @param files the first of the files that would be dropped
     * @param boundary what would be deleted from other files; nothing where these are kept
     * @param hotRows rows that are in no file yet and would go; none where boundary files are kept
     */
    record Found(
            Boundary rule,
            Instant cutoff,
            List<ExpiredRows> found,
            List<DataFile> files,
            List<BoundaryRows> boundary,
            long hotRows) {}

    /** Looks; an error of the store or the engine when a boundary file cannot be read. */
    Mono<Found> find(RetentionPolicy policy) {
        Boundary rule = policy.rule().boundary();
        Instant cutoff = run.cutoff(policy);
        Mono<Long> hotRows = rule == Boundary.REWRITE ? hot.count(policy, cutoff) : Mono.just(0L);
        return hotRows.flatMap(inMemory -> policies.expired(policy, cutoff)
                .flatMap(found -> Mono.zip(
                                dropped(found, cutoff),
                                rule == Boundary.REWRITE
                                        ? boundary.find(found, cutoff)
                                        : Mono.just(List.<BoundaryRows>of()))
                        .map(both -> new Found(rule, cutoff, found, both.getT1(), both.getT2(), inMemory))));
    }

    private Mono<List<DataFile>> dropped(List<ExpiredRows> found, Instant cutoff) {
        return Flux.fromIterable(found)
                .filter(rows -> rows.files() > 0)
                .concatMap(rows -> policies.expiredFiles(rows.table(), cutoff, FILES_SHOWN), 1)
                .concatMapIterable(files -> files, 1)
                .take(FILES_SHOWN)
                .collectList();
    }
}
