package io.weir.query.snapshot;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
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
            return catalog.snapshot(table, reading.range(), flushIds, hold)
                    .map(snapshot -> new BoundTable(
                            table,
                            snapshot.schema(),
                            snapshot.files(),
                            uncommitted(parts, snapshot.committedFlushIds())));
        });
    }

    /** How large the part of the measurement is that overlaps the range of {@code reading}; empty when there is no measurement of exactly that name. */
    public Mono<TableSize> size(TableId table, Reading reading) {
        return Mono.using(
                HotHold::new,
                hold -> hot(table, reading, hold).flatMap(parts -> {
                    List<String> flushIds = parts.stream().map(HotPart::flushId).toList();
                    return catalog.stored(table, reading.range(), flushIds)
                            .map(stored -> TableSize.of(
                                    table, stored, uncommitted(parts, stored.committedFlushIds()), reading.range()));
                }));
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
