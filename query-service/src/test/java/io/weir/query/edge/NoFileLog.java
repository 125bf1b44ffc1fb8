package io.weir.query.edge;

import io.weir.common.hot.HotHold;
import io.weir.common.model.TableId;
import io.weir.query.lastvalue.FileLog;
import io.weir.query.lastvalue.FileProgress;
import io.weir.query.snapshot.FileRef;
import java.util.Collection;
import java.util.List;
import reactor.core.publisher.Mono;

/** A log of files that knows no measurement, so that no newest rows are kept. */
final class NoFileLog implements FileLog {

    @Override
    public Mono<FileProgress> since(TableId table, long sequence, Collection<String> hotFlushIds) {
        return Mono.empty();
    }

    @Override
    public Mono<List<FileRef>> added(TableId table, Collection<String> flushIds, HotHold hold) {
        return Mono.empty();
    }
}
