package io.weir.query.snapshot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.hot.HotVersion;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
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
     * @param range times the query asks for; rows of other times may come too
     * @param hold keeps the hot rows in memory, and the files on disk, until it is closed
     */
    public Mono<BoundTable> read(TableId table, TimeRange range, HotHold hold) {
        return hotRows.snapshot(table, hold).flatMap(parts -> {
            List<String> flushIds = parts.stream().map(HotPart::flushId).toList();
            return catalog.snapshot(table, range, flushIds, hold)
                    .map(snapshot -> new BoundTable(
                            table,
                            snapshot.schema(),
                            snapshot.files(),
                            uncommitted(parts, snapshot.committedFlushIds()),
                            new TableVersion(table, HotVersion.of(parts), snapshot.version())));
        });
    }

    /**
     * The version of what {@link #read} would read now, without reading it: hot rows first, too, so that a flush that commits
     * in between changes it. Empty when there is no measurement of exactly that name.
     */
    public Mono<TableVersion> version(TableId table) {
        return hotRows.version(table)
                .flatMap(hot -> catalog.storedVersion(table).map(stored -> new TableVersion(table, hot, stored)));
    }

    /** How large the part of the measurement is that overlaps the range; empty when there is no measurement of exactly that name. */
    public Mono<TableSize> size(TableId table, TimeRange range) {
        return Mono.using(
                HotHold::new,
                hold -> hotRows.snapshot(table, hold).flatMap(parts -> {
                    List<String> flushIds = parts.stream().map(HotPart::flushId).toList();
                    return catalog.stored(table, range, flushIds)
                            .map(stored ->
                                    TableSize.of(table, stored, uncommitted(parts, stored.committedFlushIds()), range));
                }));
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
