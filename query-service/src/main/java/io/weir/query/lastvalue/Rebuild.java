package io.weir.query.lastvalue;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotHold;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.query.snapshot.FileRef;
import io.weir.query.snapshot.TableCatalog;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Works out newest rows from files, behind queries and one measurement at a time: of all files when nothing is kept, of new ones
 * when flushes were committed that nobody told of. What is asked for while another is worked out is asked for again by the next
 * query. Thread-safe.
 */
final class Rebuild implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);
    private static final int ATTEMPTS = 10;
    private static final List<String> NONE = List.of();

    private final LastValueStore store;
    private final FileLog log;
    private final TableCatalog catalog;
    private final FileScan scan;
    private final long limitBytes;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final LongAdder done = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private volatile boolean closed;
    private volatile @Nullable Disposable running;

    /** @param limitBytes most bytes of files to read for one measurement */
    Rebuild(LastValueStore store, FileLog log, TableCatalog catalog, FileScan scan, long limitBytes) {
        this.store = store;
        this.log = log;
        this.catalog = catalog;
        this.scan = scan;
        this.limitBytes = limitBytes;
    }

    /** Begins to keep a measurement, unless another is being worked out. */
    void begin(TableId table) {
        if (closed || !busy.compareAndSet(false, true)) {
            return;
        }
        Summary summary = store.begin(table);
        if (summary == null) {
            busy.set(false);
            return;
        }
        // From here on flushes of it are remembered; so whatever the catalog does not have yet, the summary will hear
        // of.
        run(summary, Mono.using(HotHold::new, hold -> all(summary, hold), HotHold::close));
    }

    /** Reads what those flushes added. */
    void catchUp(Summary summary, Collection<String> flushIds) {
        if (!closed && busy.compareAndSet(false, true)) {
            run(summary, Mono.using(HotHold::new, hold -> added(summary, flushIds, hold), HotHold::close));
        }
    }

    private void run(Summary summary, Mono<Boolean> work) {
        running = work.switchIfEmpty(Mono.just(false))
                .doFinally(signal -> busy.set(false))
                .subscribe(
                        complete -> {
                            if (complete) {
                                done.increment();
                                store.bound(summary);
                            } else {
                                store.forget(summary);
                            }
                        },
                        e -> {
                            failures.increment();
                            LOG.info(
                                    "the newest rows of {} are not kept for now; queries for them read all rows",
                                    summary.table(),
                                    e);
                            store.leaveOut(summary);
                        });
    }

    /** Emits false when it is to be tried again. */
    private Mono<Boolean> all(Summary summary, HotHold hold) {
        TableId table = summary.table();
        return catalog.stored(table, TimeRange.ALL, NONE).flatMap(stored -> {
            if (stored.bytes() > limitBytes) {
                LOG.info(
                        "the newest rows of {} are not kept: its files have {} bytes (expected: at most {},"
                                + " weir.last-values.rebuild-size)",
                        table,
                        stored.bytes(),
                        limitBytes);
                store.leaveOut(summary);
                return Mono.just(false);
            }
            return snapshot(table, hold, ATTEMPTS)
                    .flatMap(files -> scan.newest(table, files.progress().schema(), files.files())
                            .map(newest -> {
                                long rows = files.files().stream()
                                        .mapToLong(FileRef::rows)
                                        .sum();
                                summary.ready(files.progress().sequence(), rows, newest);
                                return true;
                            }));
        });
    }

    private record Files(FileProgress progress, List<FileRef> files) {}

    /** All files as of one commit sequence; empty when the measurement is gone, or changes all the time. */
    private Mono<Files> snapshot(TableId table, HotHold hold, int attempts) {
        return log.since(table, -1, NONE)
                .flatMap(before -> catalog.snapshot(table, TimeRange.ALL, NONE, hold)
                        .flatMap(snapshot -> log.since(table, -1, NONE).flatMap(after -> {
                            if (after.sequence() == before.sequence()) {
                                return Mono.just(new Files(after, snapshot.files()));
                            }
                            return attempts == 1 ? Mono.<Files>empty() : snapshot(table, hold, attempts - 1);
                        })));
    }

    private Mono<Boolean> added(Summary summary, Collection<String> flushIds, HotHold hold) {
        TableId table = summary.table();
        return log.since(table, -1, NONE)
                .flatMap(progress -> log.added(table, flushIds, hold)
                        .flatMap(files -> scan.newest(table, progress.schema(), files)
                                .map(newest -> {
                                    remember(summary, flushIds, files, newest);
                                    return true;
                                })));
    }

    /** All of it under one of the ids: they are committed already, so the next query meets them all at once. */
    private static void remember(
            Summary summary, Collection<String> flushIds, List<FileRef> files, List<ColumnBatch> newest) {
        long rows = files.stream().mapToLong(FileRef::rows).sum();
        boolean first = true;
        for (String id : flushIds) {
            summary.flushed(id, first && !newest.isEmpty() ? newest.get(0) : null, first ? rows : 0);
            first = false;
        }
        summary.fold();
    }

    long done() {
        return done.sum();
    }

    long failures() {
        return failures.sum();
    }

    @Override
    public void close() {
        closed = true;
        Disposable work = running;
        if (work != null) {
            work.dispose();
        }
    }
}
