package io.weir.query.lastvalue;

import io.weir.common.hot.HotHold;
import io.weir.common.model.TableId;
import io.weir.query.snapshot.FileRef;
import java.util.Collection;
import java.util.List;
import reactor.core.publisher.Mono;

/** What the newest rows need of the catalog to follow it. Implementations never block. */
public interface FileLog {

    /**
     * The measurement as of one moment and the commits since another, read in one transaction.
     *
     * @param sequence commit sequence of the earlier moment; below 0 when nothing is known yet, and no commits are told
     * @param hotFlushIds which of these are committed is told too
     * @return empty when there is no such measurement
     */
    Mono<FileProgress> since(TableId table, long sequence, Collection<String> hotFlushIds);

    /** Those files of the measurement, as of now, that flushes of these ids added, readable until {@code hold} is closed. */
    Mono<List<FileRef>> added(TableId table, Collection<String> flushIds, HotHold hold);
}
