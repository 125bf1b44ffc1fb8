package io.weir.standalone.server;

import io.weir.common.hot.HotHold;
import io.weir.common.model.TableId;
import io.weir.query.lastvalue.FileLog;
import io.weir.query.lastvalue.FileProgress;
import io.weir.query.snapshot.FileRef;
import io.weir.storage.catalog.TableHistory;
import io.weir.storage.catalog.TableProgress;
import io.weir.storage.upkeep.ReaderPresence;
import java.util.Collection;
import java.util.List;
import reactor.core.publisher.Mono;

/** What the newest rows need of the catalog, with each object as a local file. */
final class CatalogFileLog implements FileLog {

    private final TableHistory history;
    private final HeldFiles files;
    private final ReaderPresence readers;

    CatalogFileLog(TableHistory history, HeldFiles files, ReaderPresence readers) {
        this.history = history;
        this.files = files;
        this.readers = readers;
    }

    @Override
    public Mono<FileProgress> since(TableId table, long sequence, Collection<String> hotFlushIds) {
        return history.since(table, sequence, hotFlushIds)
                .map(progress -> new FileProgress(
                        progress.schema(),
                        progress.sequence(),
                        progress.commits().stream().map(CatalogFileLog::commit).toList(),
                        progress.rows(),
                        progress.committedFlushIds(),
                        progress.version()));
    }

    private static FileProgress.Commit commit(TableProgress.Commit commit) {
        return new FileProgress.Commit(commit.id(), commit.sequence(), commit.flush());
    }

    @Override
    public Mono<List<FileRef>> added(TableId table, Collection<String> flushIds, HotHold hold) {
        return Mono.defer(() -> {
            hold.keep(readers.pin()); // before the catalog is asked: from then on none of its files is removed
            return history.added(table, flushIds).flatMap(added -> files.open(added, hold));
        });
    }
}
