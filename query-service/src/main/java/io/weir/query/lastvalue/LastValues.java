package io.weir.query.lastvalue;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.hot.HotVersion;
import io.weir.common.model.TableId;
import io.weir.query.snapshot.BoundTable;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableVersion;
import io.weir.storage.duckdb.DuckDbEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The newest rows of each series for queries: those kept of files, as of the very commit sequence that the catalog tells this
 * query, and those of hot rows that are not in files by then. Thread-safe; never blocks.
 *
 * <pre>
 *   query ─ hot parts ─ catalog: commit sequence ─ Summary.advance ─ newest rows of files ∪ newest of the hot rows not in them
 *                                                     └ not kept, or flushes nobody told of: all rows now, Rebuild behind
 * </pre>
 */
public final class LastValues implements LastValueTables, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LastValues.class);

    /** A summary that was brought further meanwhile is asked again, with what the catalog says then. */
    private static final int ATTEMPTS = 4;

    private final LastValueStore store;
    private final HotRows hotRows;
    private final FileLog log;
    private final Rebuild rebuild;
    private final LongAdder answered = new LongAdder();
    private final LongAdder passed = new LongAdder();

    /** Newest rows in that store, over those ports. */
    public LastValues(
            LastValueProperties properties,
            LastValueStore store,
            HotRows hotRows,
            FileLog log,
            TableCatalog catalog,
            DuckDbEngine engine) {
        this.store = store;
        this.hotRows = hotRows;
        this.log = log;
        this.rebuild = new Rebuild(
                store,
                log,
                catalog,
                new FileScan(engine, store.limitBytes()),
                properties.rebuildSize().toBytes());
        store.refreshedBy(this::refresh);
    }

    @Override
    public Mono<BoundTable> read(TableId table, LastShape shape, HotHold hold) {
        return Mono.defer(() -> {
            Summary summary = store.find(table);
            if (summary != null && summary.isReady()) {
                summary.asked();
                return attempt(summary, shape, hold, 1);
            }
            return summary != null || store.isLeftOut(table) ? pass() : begin(table, shape);
        });
    }

    private Mono<BoundTable> pass() {
        passed.increment();
        return Mono.empty();
    }

    private Mono<BoundTable> begin(TableId table, LastShape shape) {
        return log.since(table, -1, List.of()).flatMap(progress -> {
            if (!shape.fits(progress.schema())) {
                return Mono.empty();
            }
            rebuild.begin(table);
            return pass();
        });
    }

    private Mono<BoundTable> attempt(Summary summary, LastShape shape, HotHold hold, int number) {
        TableId table = summary.table();
        return hotRows.snapshot(table, hold)
                .flatMap(parts -> log.since(
                                table,
                                summary.sequence(),
                                parts.stream().map(HotPart::flushId).toList())
                        .flatMap(progress -> {
                            if (!shape.fits(progress.schema())) {
                                return Mono.empty();
                            }
                            Summary.Step step = summary.advance(progress);
                            if (step instanceof Summary.Step.Newest newest) {
                                answered.increment();
                                return Mono.just(bound(summary, progress, newest, parts));
                            }
                            if (step instanceof Summary.Step.Overtaken && number < ATTEMPTS) {
                                parts.forEach(HotPart::close);
                                return attempt(summary, shape, hold, number + 1);
                            }
                            behind(summary, step);
                            return pass();
                        }));
    }

    private BoundTable bound(Summary summary, FileProgress progress, Summary.Step.Newest newest, List<HotPart> parts) {
        List<HotPart> hot = new ArrayList<>();
        for (HotPart part : parts) {
            if (progress.committedFlushIds().contains(part.flushId())) {
                part.close();
            } else {
                hot.add(part);
            }
        }
        List<ColumnBatch> rows = new ArrayList<>(newest.batches());
        rows.addAll(summary.hot(hot));
        store.bound(summary);
        // Of all parts, as the version that a later question is told.
        TableVersion version = hotRows.tellsVersions()
                ? new TableVersion(summary.table(), HotVersion.of(parts), progress.version())
                : new TableVersion(summary.table(), "", "");
        return new BoundTable(summary.table(), progress.schema(), List.of(), rows, version);
    }

    private void behind(Summary summary, Summary.Step step) {
        if (step instanceof Summary.Step.Missing missing) {
            rebuild.catchUp(summary, missing.flushIds());
        } else if (step instanceof Summary.Step.Lost) {
            store.forget(summary);
            rebuild.begin(summary.table());
        }
    }

    /** Brings a measurement that is flushed but not queried up to what the catalog says. */
    private void refresh(TableId table) {
        Summary summary = store.find(table);
        if (summary == null || !summary.isReady()) {
            return;
        }
        log.since(table, summary.sequence(), List.of())
                .subscribe(
                        progress -> behind(summary, summary.advance(progress)),
                        e -> LOG.debug("the newest rows of {} are not refreshed now", table, e));
    }

    /** Statements that read only newest rows. */
    public long answered() {
        return answered.sum();
    }

    /** Statements that could have, but read all rows, because the newest were not at hand. */
    public long passed() {
        return passed.sum();
    }

    /** Measurements whose newest rows were read from files. */
    public long rebuilds() {
        return rebuild.done();
    }

    /** Measurements whose newest rows could not be read from files. */
    public long failures() {
        return rebuild.failures();
    }

    /** Ends what runs behind queries. */
    @Override
    public void close() {
        rebuild.close();
    }
}
