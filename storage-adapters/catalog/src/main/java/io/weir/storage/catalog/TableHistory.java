package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.util.Collection;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * What happened to the files of a measurement since some moment: for what is worked out from files once and kept, so that it
 * need not compare lists of them. Thread-safe, and never blocks the caller.
 */
public interface TableHistory {

    /**
     * The measurement as of one moment and the commits since another, all read in one transaction.
     *
     * @param sequence the commit sequence of the earlier moment; below 0 when nothing is known yet, and no commits are told
     * @param flushIds which of these are committed is told too
     * @return empty when there is no such measurement, or its files have rows that are deleted
     */
    Mono<TableProgress> since(TableId table, long sequence, Collection<String> flushIds);

    /** Those files of the measurement, as of now, that flushes or changes of these ids added. */
    Mono<List<DataFile>> added(TableId table, Collection<String> ids);
}
