package io.weir.storage.upkeep;

import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.RemovedFile;
import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.StorageKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * One cycle over the whole store: objects that the catalog does not know and that are older than the grace period are
 * condemned, and whatever is condemned and seen by no reader is removed. Any number of processes may do this at once, and
 * any step may be repeated after a crash. Holds a few hundred keys in memory. Thread-safe.
 *
 * <pre>
 *   list ─ data files past the grace ─ 500 at a time: known? ─ condemn (asks again, in one transaction with commits)
 *   then, only when the listing was whole:
 *   removable ─ 500 at a time: remove from the store ─ gone
 * </pre>
 *
 * A flush that put an object and has not committed yet is younger than the grace period; when it is older after all, its
 * commit and the condemnation exclude each other in the catalog, and the flush puts the object again. A listing that fails
 * ends the cycle before anything is removed.
 */
public final class OrphanSweep {

    private static final Logger LOG = LoggerFactory.getLogger(OrphanSweep.class);
    private static final int KEYS_AT_ONCE = 500;

    /** A removal whose answer was lost has long arrived by then. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final ObjectStore store;
    private final CatalogUpkeep catalog;
    private final StoreOwnership ownership;
    private final Duration grace;
    private final Clock clock;

    /**
     * Cycles over that store.
     *
     * @param grace age, by the store's own time of the object, below which nothing is an orphan
     */
    public OrphanSweep(ObjectStore store, CatalogUpkeep catalog, Duration grace, Clock clock) {
        this.store = store;
        this.catalog = catalog;
        this.ownership = new StoreOwnership(store, catalog);
        this.grace = grace;
        this.clock = clock;
    }

    /** What a cycle has done so far; its steps come one after the other. */
    private static final class Tally {
        private long listed;
        private long found;
        private long removed;
        private long failed;
        private @Nullable RemovedFile last;
        private boolean more = true;

        SweepReport report() {
            return new SweepReport(listed, found, removed, failed);
        }
    }

    /**
     * Runs one cycle.
     *
     * @return an error when the listing or the catalog failed, or {@code store-of-another-catalog}; objects that could not
     *     be removed are counted
     */
    public Mono<SweepReport> run() {
        return Mono.defer(() -> {
            Tally tally = new Tally();
            return ownership
                    .claim()
                    .then(Mono.defer(() -> condemnOrphans(tally)))
                    .then(Mono.defer(() -> removeCondemned(tally)));
        });
    }

    /** The second half of a cycle: removes what is condemned already. Errors as {@link #run}. */
    public Mono<SweepReport> remove() {
        return ownership.claim().then(Mono.defer(() -> removeCondemned(new Tally())));
    }

    private Mono<Void> condemnOrphans(Tally tally) {
        Predicate<ObjectInfo> old = olderThan(clock.instant().minus(grace));
        return store.list("")
                .filter(object -> StorageKeys.isDataFile(object.key()))
                .doOnNext(object -> tally.listed++)
                .filter(old)
                .map(ObjectInfo::key)
                .buffer(KEYS_AT_ONCE)
                .concatMap(this::unknown, 1)
                .filter(keys -> !keys.isEmpty())
                .concatMap(catalog::condemn, 1)
                .doOnNext(condemned -> {
                    tally.found += condemned.size();
                    condemned.forEach(key -> LOG.info("object {} is an orphan and will be removed", key));
                })
                .then();
    }

    /** Whether an object is surely older; one of which the store does not tell the time never is. */
    public static Predicate<ObjectInfo> olderThan(Instant time) {
        return object -> object.modified() != null && object.modified().isBefore(time);
    }

    private Mono<List<String>> unknown(List<String> keys) {
        return catalog.known(keys)
                .map(known -> keys.stream().filter(key -> !known.contains(key)).toList());
    }

    /** Removes what is condemned and seen by no reader, found now or earlier. */
    private Mono<SweepReport> removeCondemned(Tally tally) {
        return Mono.defer(() -> catalog.removable(tally.last, KEYS_AT_ONCE))
                .flatMap(page -> removePage(page, tally))
                .repeat(() -> tally.more)
                .then(Mono.defer(() -> catalog.forgetGone(clock.instant().minus(REMEMBERED))))
                .then(Mono.fromSupplier(tally::report));
    }

    private Mono<Void> removePage(List<RemovedFile> page, Tally tally) {
        tally.more = page.size() == KEYS_AT_ONCE;
        if (page.isEmpty()) {
            return Mono.empty();
        }
        tally.last = page.get(page.size() - 1);
        List<String> keys = page.stream().map(RemovedFile::objectKey).toList();
        return store.removeAll(keys).collectList().flatMap(left -> {
            Set<String> gone = new HashSet<>(keys);
            left.forEach(object -> gone.remove(object.key()));
            tally.failed += left.size();
            warn(left);
            return catalog.gone(new ArrayList<>(gone)).doOnSuccess(done -> tally.removed += gone.size());
        });
    }

    private static void warn(List<NotRemoved> left) {
        if (!left.isEmpty()) {
            LOG.warn(
                    "{} objects that nobody needs could not be removed, such as {}; it is tried again",
                    left.size(),
                    left.get(0).key(),
                    left.get(0).cause());
        }
    }
}
