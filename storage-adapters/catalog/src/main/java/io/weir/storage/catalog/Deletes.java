package io.weir.storage.catalog;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Rows that are deleted, and what is dropped. A delete applies to the files that are there when it is committed, and to no
 * others: rows that come later are never its, and whoever wants hot rows deleted has them flushed before. From then on {@link
 * TableSnapshot#deleted} tells what must be hidden of which file, until {@link FileChange}s with its id have put others in their
 * place. Errors, durability and threads are those of {@link Catalog}.
 */
public interface Deletes {

    /**
     * Commits a delete, and records who wanted it.
     *
     * @return how it stands; an error {@code measurement-not-found}
     */
    Mono<StoredDelete> begin(NewDelete delete, AuditEntry entry);

    /**
     * Commits a delete of some files alone.
     *
     * @return how it stands; an error {@code commit-conflict} when one of the files is gone, {@code lease-lost}, {@code
     *     measurement-not-found}: nothing is deleted then
     */
    Mono<StoredDelete> begin(PolicyDelete delete);

    /** Files with deleted rows whose turn has come, those that wait longest first. */
    Mono<List<FileToRewrite>> due(int atMost);

    /**
     * Says that a file has no row of those deletes.
     *
     * @return an error {@code lease-lost}
     */
    Mono<Void> unchanged(TableId table, DataFile file, Set<String> deletes, Lease lease);

    /** Says that a file could not be rewritten; it is due again from then on. */
    Mono<Void> failed(String objectKey, Instant dueAgain, String failure);

    /** Files that still have deleted rows and could not be rewritten when it was tried last. */
    Mono<Long> failing();

    /** That delete; empty when the organisation has none of the name, or it is forgotten. */
    Mono<StoredDelete> find(String organisation, String id);

    /** Deletes of a retention policy that are not over, or, where its id is empty, those that somebody asked for; the latest first. */
    Mono<List<StoredDelete>> list(String organisation, String policyId, int atMost);

    /** Files of a delete in order of outcome, those that are pending first, then of key. */
    Mono<List<DeletedFile>> files(String id, int atMost);

    /** Forgets deletes that ended before then, and of policies all that ended. @return how many */
    Mono<Long> forget(Instant endedBefore);

    /**
     * Drops a measurement with its columns, and records who wanted it. Its files are condemned as {@link Catalog#change} does.
     * Rows of it that are in a log and in no file would come back: none may be, and none may come while the lease is held.
     *
     * @return false when there is none; an error {@code lease-lost}
     */
    Mono<Boolean> drop(TableId table, Lease lease, AuditEntry entry);

    /** Drops a database with all its measurements; otherwise like {@link #drop(TableId, Lease, AuditEntry)}. */
    Mono<Boolean> drop(DatabaseId database, Lease lease, AuditEntry entry);
}
