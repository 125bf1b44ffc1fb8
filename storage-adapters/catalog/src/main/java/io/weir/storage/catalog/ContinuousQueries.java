package io.weir.storage.catalog;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Continuous queries and their windows. A window, its files, those of its earlier version, and the watermark are one
 * transaction. What is due is found by an index. Errors, durability and threads are those of {@link Catalog}.
 */
public interface ContinuousQueries {

    /** Most queries that an organisation can have. */
    int MOST = 10_000;

    /** Adds a query; an error {@code conflict} when its name is taken, or there are {@link #MOST}. */
    Mono<Void> add(ContinuousQuery query, AuditEntry entry);

    /** The query of that id; empty when the organisation has none. */
    Mono<ContinuousQuery> find(String organisation, String id);

    /** Queries of an organisation in order of id, those behind {@code after}, which is empty for the beginning. */
    Mono<List<ContinuousQuery>> list(String organisation, String after, int atMost);

    /**
     * Changes what a query says, but for its destination and its interval, and when it is run next.
     *
     * @return the query as it is now; empty when there is none; an error {@code conflict} when its name is taken
     */
    Mono<ContinuousQuery> change(
            String organisation,
            String id,
            ContinuousDefinition definition,
            @Nullable Instant nextRun,
            AuditEntry entry);

    /** Removes a query, its history and its open windows, whose rows stay; false when there is none. */
    Mono<Boolean> remove(String organisation, String id, AuditEntry entry);

    /** Queries that are due, those due longest first. */
    Mono<List<ContinuousQuery>> due(Instant now, int atMost);

    /** Windows of a query that may be replaced, the oldest first. */
    Mono<List<OpenWindow>> openWindows(String queryId);

    /**
     * Puts a window into the destination, in the place of its earlier version if it has one; moves the watermark if it is the
     * next one; and settles windows that late rows do not change any more. A window that was committed is left as it is, so a
     * commit whose outcome is unknown can be repeated, until another one of the query is committed.
     *
     * @return an error {@code task-changed} when the query's definition or its watermark is another by now; {@code lease-lost};
     *     {@code commit-conflict} when files of the earlier version are gone, and it can never be replaced; nothing happened
     */
    Mono<Void> commit(WindowCommit window);

    /** Gives up replacing a window. */
    Mono<Void> settle(String queryId, long startMicros);

    /**
     * Records how a query stands after a run, unless it was changed meanwhile, and the run.
     *
     * @param run null when there is nothing to remember
     * @param kept runs of the query that are remembered
     */
    Mono<Void> ran(ContinuousQuery query, TaskState state, @Nullable ContinuousRun run, int kept);

    /** Runs of a query, the latest first. */
    Mono<List<ContinuousRun>> runs(String queryId, int atMost);
}
