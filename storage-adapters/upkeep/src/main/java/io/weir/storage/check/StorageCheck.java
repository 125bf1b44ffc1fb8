package io.weir.storage.check;

import io.weir.common.error.WeirException;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.StorageKeys;
import io.weir.storage.upkeep.OrphanSweep;
import io.weir.storage.upkeep.StoreOwnership;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Checks a store against its catalog. Both are read in order of their keys and merged, so a million files take the memory of
 * a few thousand. What one of the two lacks is asked for again before it counts, so a check may run beside servers that
 * write. Nothing is changed without {@link CheckOptions#repair}, and then only what one more question has confirmed.
 * Thread-safe; never blocks.
 *
 * <pre>
 *   store.list ──────┐
 *                    ├ merge by key ─ pairs, 500 at a time ─ only in the store:   known? else orphan ─ condemn
 *   catalog.files ───┘                                       only in the catalog: head? else missing ─ drop
 *                                                            in both:             length, footer, rows, checksum
 *   at the end: what is condemned is removed
 * </pre>
 */
public final class StorageCheck {

    private static final int PAIRS_AT_ONCE = 500;
    private static final int FILES_AT_ONCE = 8;
    private static final int PREFETCH = 1_000;

    private final ObjectStore store;
    private final CatalogUpkeep catalog;
    private final CheckOptions options;
    private final FileCheck files;
    private final Predicate<ObjectInfo> old;
    private final OrphanSweep sweep;

    /**
     * A check of that store.
     *
     * @param io bounded scheduler for what takes time
     */
    public StorageCheck(ObjectStore store, CatalogUpkeep catalog, CheckOptions options, Clock clock, Scheduler io) {
        this.store = store;
        this.catalog = catalog;
        this.options = options;
        this.files = new FileCheck(store, options.checksums(), io);
        this.old = OrphanSweep.olderThan(clock.instant().minus(options.grace()));
        this.sweep = new OrphanSweep(store, catalog, options.grace(), clock);
    }

    /** One key: its file in the catalog, its object in the store, or both. */
    private record Entry(
            String key, @Nullable DataFile file, @Nullable ObjectInfo object) {

        static Entry of(DataFile file) {
            return new Entry(file.objectKey(), file, null);
        }

        static Entry of(ObjectInfo object) {
            return new Entry(object.key(), null, object);
        }

        static Entry of(List<Entry> same) {
            Entry first = same.get(0);
            Entry last = same.get(same.size() - 1);
            return new Entry(
                    first.key(),
                    first.file() == null ? last.file() : first.file(),
                    first.object() == null ? last.object() : first.object());
        }
    }

    /**
     * Checks everything.
     *
     * @param tally counts along
     * @return findings in order of their keys, in a list for every few hundred files, often an empty one; an error
     *     when the store or the catalog could not be read, and {@code store-of-another-catalog}
     */
    public Flux<List<Finding>> run(CheckTally tally) {
        Flux<Entry> objects = store.list("")
                .filter(object -> StorageKeys.isDataFile(object.key()))
                .map(Entry::of);
        Flux<Entry> known = catalog.files("").map(Entry::of);
        Flux<List<Finding>> all = Flux.mergeComparing(PREFETCH, Comparator.comparing(Entry::key), objects, known)
                .bufferUntilChanged(Entry::key)
                .map(Entry::of)
                .buffer(PAIRS_AT_ONCE)
                .concatMap(entries -> check(entries, tally), 1)
                .concatMap(this::repair, 1)
                .doOnNext(tally::found);
        return new StoreOwnership(store, catalog)
                .verify()
                .thenMany(all)
                .concatWith(Flux.defer(() -> options.repair() ? removeOrphans() : Flux.empty()));
    }

    private Mono<List<Finding>> check(List<Entry> entries, CheckTally tally) {
        List<ObjectInfo> unknown = entries.stream()
                .filter(entry -> entry.file() == null)
                .map(Entry::object)
                .filter(Objects::nonNull)
                .toList();
        return catalog.known(unknown.stream().map(ObjectInfo::key).toList())
                .flatMap(known -> Flux.fromIterable(entries)
                        .flatMapSequential(entry -> check(entry, known, tally), FILES_AT_ONCE)
                        .collectList());
    }

    private Mono<Finding> check(Entry entry, Set<String> known, CheckTally tally) {
        DataFile file = entry.file();
        ObjectInfo object = entry.object();
        if (file == null) {
            return object == null ? Mono.empty() : orphan(object, known.contains(entry.key()), tally);
        }
        Mono<Finding> finding = object == null ? files.notListed(file) : files.compare(file, object);
        return finding.doOnTerminate(() -> tally.file(file.sizeBytes()));
    }

    private Mono<Finding> orphan(ObjectInfo object, boolean known, CheckTally tally) {
        if (known) {
            tally.awaitingRemoval();
            return Mono.empty();
        }
        if (!old.test(object)) {
            tally.uncommitted();
            return Mono.empty();
        }
        return Mono.just(new Finding(
                FindingKind.ORPHAN,
                object.key(),
                "the catalog knows no such file; " + object.sizeBytes() + " bytes, put " + object.modified()));
    }

    private Mono<List<Finding>> repair(List<Finding> findings) {
        if (!options.repair()) {
            return Mono.just(findings);
        }
        Mono<Set<String>> condemned = keys(findings, FindingKind.ORPHAN)
                .flatMap(keys -> keys.isEmpty() ? Mono.just(Set.<String>of()) : catalog.condemn(keys));
        Mono<Set<String>> dropped = keys(findings, FindingKind.MISSING)
                .flatMap(keys -> options.dropMissing()
                        ? catalog.dropFiles(keys).thenReturn(Set.copyOf(keys))
                        : Mono.just(Set.<String>of()));
        return condemned.zipWhen(first -> dropped, (first, second) -> {
            Set<String> repaired = new HashSet<>(first);
            repaired.addAll(second);
            List<Finding> after = new ArrayList<>(findings.size());
            findings.forEach(finding -> after.add(repaired.contains(finding.key()) ? finding.asRepaired() : finding));
            return after;
        });
    }

    private static Mono<List<String>> keys(List<Finding> findings, FindingKind kind) {
        return Mono.just(findings.stream()
                .filter(finding -> finding.kind() == kind)
                .map(Finding::key)
                .toList());
    }

    /** An error when some are left: they are condemned, and the next search for orphans tries again. */
    private Flux<List<Finding>> removeOrphans() {
        return sweep.remove()
                .flatMapMany(report -> report.failed() == 0
                        ? Flux.empty()
                        : Flux.error(new WeirException(
                                ObjectStoreError.OBJECT_STORE_FAILED,
                                report.failed() + " orphans could not be removed; the next search for orphans tries"
                                        + " again")));
    }
}
