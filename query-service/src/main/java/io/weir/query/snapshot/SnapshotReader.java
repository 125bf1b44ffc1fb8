package io.weir.query.snapshot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.hot.HotVersion;
import io.weir.common.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Reads what one query sees of a measurement: first the hot parts, then the catalog, and drops the hot parts the catalog
 * already has in files. A flush that commits in between moves rows from one to the other, never out of both or into both.
 * Stateless and thread-safe; never blocks.
 */
public final class SnapshotReader {

    private final HotRows hotRows;
    private final TableCatalog catalog;

    /** A reader of those two ports. */
    public SnapshotReader(HotRows hotRows, TableCatalog catalog) {
        this.hotRows = hotRows;
        this.catalog = catalog;
    }

    /**
     * The measurement's rows now; empty when there is no measurement of exactly that name.
     *
     * @param reading what the query wants of it
     * @param hold keeps the hot rows in memory, and the files on disk, until it is closed
     */
    public Mono<BoundTable> read(TableId table, Reading reading, HotHold hold) {
        return hot(table, reading, hold).flatMap(parts -> {
            List<String> flushIds = parts.stream().map(HotPart::flushId).toList();
            return catalog.snapshot(table, reading.range(), reading.tags(), flushIds, hold)
                    .map(snapshot -> new BoundTable(
                            table,
                            snapshot.schema(),
                            snapshot.files(),
                            uncommitted(parts, snapshot.committedFlushIds()),
                            version(table, HotVersion.of(parts), snapshot.version())));
        });
    }

    /**
     * The version of what {@link #read} would read now, without reading it: hot rows first, too, so that a flush that commits
     * in between changes it. Empty when there is no measurement of exactly that name.
     */
    public Mono<TableVersion> version(TableId table) {
        Mono<String> version = hotRows.tellsVersions() ? hotRows.version(table) : Mono.just("");
        return version.flatMap(hot -> catalog.storedVersion(table).map(stored -> version(table, hot, stored)));
    }

    /** How large the part of the measurement is that {@link #read} would read; empty when there is no measurement of exactly that name. */
    public Mono<TableSize> size(TableId table, Reading reading) {
        return Mono.using(
                HotHold::new,
                hold -> hot(table, reading, hold).flatMap(parts -> {
                    List<String> flushIds = parts.stream().map(HotPart::flushId).toList();
                    return catalog.stored(table, reading.range(), reading.tags(), flushIds)
                            .map(stored -> TableSize.of(
                                    table, stored, uncommitted(parts, stored.committedFlushIds()), reading.range()));
                }));
    }

    /** Of hot rows whose version cannot be told the stored version says nothing. */
    private TableVersion version(TableId table, String hot, String stored) {
        return hotRows.tellsVersions() ? new TableVersion(table, hot, stored) : new TableVersion(table, "", "");
    }

    private Mono<List<HotPart>> hot(TableId table, Reading reading, HotHold hold) {
        return reading.freshness() == Freshness.COMMITTED
                ? Mono.just(List.of())
                : hotRows.snapshot(table, reading.scope(), hold);
    }

    private static List<ColumnBatch> uncommitted(List<HotPart> parts, Set<String> committed) {
        List<ColumnBatch> batches = new ArrayList<>();
        for (HotPart part : parts) {
            if (committed.contains(part.flushId())) {
                part.close();
            } else {
                batches.addAll(part.batches());
            }
        }
        return batches;
    }
}
