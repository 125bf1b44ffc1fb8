package io.weir.storage.catalog;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.MeasurementSchema;
import io.weir.common.stats.TagFilter;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The durable truth about what exists. A change is one transaction: it happened when the returned publisher completes,
 * and cancelling does not undo it. Errors are {@link io.weir.common.error.WeirException}s; a catalog that cannot be
 * reached is {@code catalog-unavailable}, and one that is lost while it commits {@code catalog-commit-unknown}. Every operation ends in bounded time. Thread-safe, and never blocks the caller.
 */
public interface Catalog {

    /** Brings the tables to the version this program needs. Safe to run again and by several processes at once. */
    Mono<Void> migrate();

    /** Creates a database unless it exists; true when it was created. */
    Mono<Boolean> createDatabase(DatabaseId database);

    /** Names of an organisation's databases, in order of name. */
    Flux<String> databases(String organisation);

    /** Every measurement of a database with its schema, in order of name; empty when there is no such database. */
    Flux<TableSchema> schemas(DatabaseId database);

    /**
     * Adds columns to measurements of one database, creating measurements if need be (the database must exist). A column
     * that is there already with the same type is left as it is. One transaction, however many measurements.
     *
     * @return the whole schema of each measurement afterwards, in the order given; an error {@code column-conflict} when
     *     a column is there with another type, or {@code database-not-found}, in which case nothing changed at all
     */
    Mono<List<TableSchema>> addColumns(DatabaseId database, List<NewColumns> wanted);

    /** Adds columns to one measurement; otherwise like {@link #addColumns(DatabaseId, List)}. */
    default Mono<MeasurementSchema> addColumns(TableId table, List<Column> columns, boolean nanos) {
        return addColumns(table.databaseId(), List.of(new NewColumns(table.measurement(), columns, nanos)))
                .map(schemas -> schemas.get(0).schema());
    }

    /**
     * Makes the files of some flushes visible and records which rows of the write-ahead log they hold: all of them in one
     * transaction, or none. A flush that is committed already is left as it is, so a commit whose outcome is unknown can
     * be repeated, alone or among others.
     *
     * @param commits at least one
     * @return an error {@code measurement-not-found} when a measurement is gone
     */
    Mono<Void> commit(List<FlushCommit> commits);

    /** Commits one flush; otherwise like {@link #commit(List)}. */
    default Mono<Void> commit(FlushCommit commit) {
        return commit(List.of(commit));
    }

    /**
     * Replaces, removes or adds files of a measurement: all of it in one transaction that depends on the files it removes and
     * on its lease, or nothing. A change that was applied is left as it is, so one whose outcome is unknown can be repeated.
     * Files it removes are condemned with it: their objects go when no query of any process can see them ({@link
     * CatalogUpkeep}), so whoever makes changes never removes an object of a file.
     *
     * @return an error {@code commit-conflict} when a file to be removed is gone, {@code file-removed} when one to be added is
     *     condemned, {@code lease-lost}, or {@code measurement-not-found}: nothing happened, and never will, so that what was made for the change can be cleaned up;
     *     {@code catalog-commit-unknown} when the connection was lost meanwhile: repeat it, and delete nothing before
     */
    Mono<Void> change(FileChange change);

    /**
     * Forgets that changes committed before then were applied. Repeating one after that fails, for its files are gone, or there.
     *
     * @return how many were forgotten
     */
    Mono<Long> forgetChanges(Instant committedBefore);

    /** Sequence ranges of that log committed with a last sequence of at least {@code fromSequence}, in any order. */
    Flux<CommittedRange> committedRanges(String walId, long fromSequence);

    /**
     * Forgets flushes that neither replay nor a query can ask about any more: of that log, with a last sequence below
     * {@code beforeSequence}, committed before {@code committedBefore}. Their files stay.
     *
     * @return how many were forgotten
     */
    Mono<Long> forgetFlushes(String walId, long beforeSequence, Instant committedBefore);

    /** Those of the idempotency keys committed with flushes that expire last, latest first. */
    Flux<IdempotencyKey> idempotencyKeys(int atMost);

    /** That idempotency key, expired or not; empty when no committed flush had it or it is forgotten. */
    Mono<IdempotencyKey> idempotencyKey(DatabaseId database, String text);

    /** Forgets idempotency keys that expired before then. @return how many were forgotten */
    Mono<Long> forgetIdempotencyKeys(Instant expiredBefore);

    /**
     * Forgets idempotency keys of a database that begin with that text, of writes that log had below {@code beforeSequence}.
     *
     * @param prefix at least one character
     * @return how many were forgotten
     */
    Mono<Long> forgetIdempotencyKeys(DatabaseId database, String prefix, String walId, long beforeSequence);

    /**
     * The measurement as of one moment: its schema, those of its files whose times overlap a range, and which of the given
     * flushes are committed.
     *
     * @return empty when there is no such measurement
     */
    Mono<TableSnapshot> snapshot(TableId table, TimeRange range, Collection<String> flushIds);

    /**
     * The same, in which files may be missing that, by what is known of their tags, have no row the query asks for. Nothing is
     * read of it unless {@code tags} says something of a tag of the measurement.
     */
    default Mono<TableSnapshot> snapshot(TableId table, TimeRange range, TagFilter tags, Collection<String> flushIds) {
        return snapshot(table, range, flushIds);
    }

    /**
     * What was said of rows of one series and time in a measurement, by {@link #setDedup}; where nothing was, servers' settings
     * hold.
     *
     * @return empty when there is no such measurement
     */
    Mono<Optional<Dedup>> dedup(TableId table);

    /** Says what becomes of rows of one series and time from then on; an error {@code measurement-not-found}. */
    Mono<Void> setDedup(TableId table, Dedup dedup);

    /**
     * What tells this state of the measurement from every other one it has or will have: equal texts mean equal schema and
     * equal files, also when a measurement was dropped and made again under the same name.
     *
     * @return empty when there is no such measurement
     */
    default Mono<String> version(TableId table) {
        return snapshot(table, List.of()).map(TableSnapshot::version);
    }

    /** The measurement with all its files; otherwise like {@link #snapshot(TableId, TimeRange, Collection)}. */
    default Mono<TableSnapshot> snapshot(TableId table, Collection<String> flushIds) {
        return snapshot(table, TimeRange.ALL, flushIds);
    }
}
