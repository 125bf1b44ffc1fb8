package io.weir.query.snapshot;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotHold;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.stats.TagFilter;
import java.util.Collection;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What queries need of the catalog. Implementations never block. */
public interface TableCatalog {

    /** Names of the organisation's databases, in name order. */
    Flux<String> databases(String organisation);

    /** Creates a database unless it exists; true when it was created. */
    Mono<Boolean> createDatabase(DatabaseId database);

    /** Names of the database's measurements, in name order; empty when there is no such database. */
    Flux<String> measurements(DatabaseId database);

    /**
     * One measurement as of one moment: its schema, those of its files that overlap the range, and which of
     * {@code hotFlushIds} are committed, all read in one transaction. Empty when there is no such measurement.
     *
     * @param range times the query asks for; more files than those that overlap it may come
     * @param hold keeps its files readable until it is closed
     */
    Mono<TableSnapshot> snapshot(TableId table, TimeRange range, Collection<String> hotFlushIds, HotHold hold);

    /** The same, in which files may be missing that, by what is known of their tags, have no row the query asks for. */
    default Mono<TableSnapshot> snapshot(
            TableId table, TimeRange range, TagFilter tags, Collection<String> hotFlushIds, HotHold hold) {
        return snapshot(table, range, hotFlushIds, hold);
    }

    /**
     * What tells this state of the measurement's schema and files from every other. Empty when there is no such measurement;
     * an empty text where it cannot be told.
     */
    default Mono<String> storedVersion(TableId table) {
        return Mono.just("");
    }

    /** What becomes of rows of one series and time when files of a measurement are merged; empty when there is no such measurement. */
    default Mono<Dedup> dedup(TableId table) {
        return Mono.just(Dedup.APPEND);
    }

    /** Says what {@link #dedup} is from then on; an error {@code measurement-not-found}. */
    default Mono<Void> setDedup(TableId table, Dedup dedup) {
        return Mono.error(new WeirException(CommonError.INVALID_REQUEST, "dedup cannot be set here"));
    }

    /**
     * How much of one measurement is in files that overlap the range; asks nothing of the object store. Empty when there is
     * no such measurement.
     */
    Mono<StoredTable> stored(TableId table, TimeRange range, Collection<String> hotFlushIds);

    /** The same without the files that {@link #snapshot(TableId, TimeRange, TagFilter, Collection, HotHold)} leaves out for their tags. */
    default Mono<StoredTable> stored(TableId table, TimeRange range, TagFilter tags, Collection<String> hotFlushIds) {
        return stored(table, range, hotFlushIds);
    }
}
