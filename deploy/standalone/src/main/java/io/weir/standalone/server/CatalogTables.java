package io.weir.standalone.server;

import io.weir.common.hot.HotHold;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.stats.TagFilter;
import io.weir.query.snapshot.StoredTable;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableSnapshot;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.TableSchema;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.upkeep.ReaderPresence;
import java.util.Collection;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What queries need of the catalog, with each object as a local file. */
final class CatalogTables implements TableCatalog {

    private final Catalog catalog;
    private final HeldFiles files;
    private final ReaderPresence readers;
    private final Set<String> lastWins;

    /** @param lastWins what servers are set to, where the catalog says nothing of duplicates */
    CatalogTables(Catalog catalog, LocalFiles localFiles, ReaderPresence readers, Set<String> lastWins) {
        this.catalog = catalog;
        this.files = new HeldFiles(localFiles);
        this.readers = readers;
        this.lastWins = Set.copyOf(lastWins);
    }

    @Override
    public Flux<String> databases(String organisation) {
        return catalog.databases(organisation);
    }

    @Override
    public Mono<Boolean> createDatabase(DatabaseId database) {
        return catalog.createDatabase(database);
    }

    @Override
    public Flux<String> measurements(DatabaseId database) {
        return catalog.schemas(database).map(TableSchema::measurement);
    }

    @Override
    public Mono<TableSnapshot> snapshot(TableId table, TimeRange range, Collection<String> hotFlushIds, HotHold hold) {
        return snapshot(table, range, TagFilter.ANY, hotFlushIds, hold);
    }

    @Override
    public Mono<TableSnapshot> snapshot(
            TableId table, TimeRange range, TagFilter tags, Collection<String> hotFlushIds, HotHold hold) {
        return Mono.defer(() -> {
            hold.keep(readers.pin()); // before the catalog is asked: from then on none of its files is removed
            return catalog.snapshot(table, range, tags, hotFlushIds)
                    .flatMap(snapshot -> files.open(snapshot.files(), snapshot.deleted(), hold)
                            .map(opened -> new TableSnapshot(
                                    snapshot.schema(), opened, snapshot.committedFlushIds(), snapshot.version())));
        });
    }

    @Override
    public Mono<String> storedVersion(TableId table) {
        return catalog.version(table);
    }

    @Override
    public Mono<Dedup> dedup(TableId table) {
        return catalog.dedup(table).map(said -> said.orElseGet(() -> Dedup.asSet(lastWins, table)));
    }

    @Override
    public Mono<Void> setDedup(TableId table, Dedup dedup) {
        return catalog.setDedup(table, dedup);
    }

    @Override
    public Mono<StoredTable> stored(TableId table, TimeRange range, Collection<String> hotFlushIds) {
        return stored(table, range, TagFilter.ANY, hotFlushIds);
    }

    @Override
    public Mono<StoredTable> stored(TableId table, TimeRange range, TagFilter tags, Collection<String> hotFlushIds) {
        return catalog.snapshot(table, range, tags, hotFlushIds).map(snapshot -> {
            long rows = 0;
            long bytes = 0;
            long earliest = Long.MAX_VALUE;
            long latest = Long.MIN_VALUE;
            for (DataFile file : snapshot.files()) {
                rows += file.rows();
                bytes += file.sizeBytes();
                earliest = Math.min(earliest, file.minMicros());
                latest = Math.max(latest, file.maxMicros());
            }
            return new StoredTable(
                    snapshot.schema(),
                    snapshot.files().size(),
                    rows,
                    bytes,
                    new TimeRange(earliest, latest),
                    snapshot.committedFlushIds());
        });
    }
}
