package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Retention policies, and what they find to drop. What is due is found by an index. Errors, durability and threads are those
 * of {@link Catalog}.
 */
public interface RetentionPolicies {

    /** Most policies that an organisation can have. */
    int MOST = 20_000;

    /** Adds a policy; an error {@code conflict} when its name is taken, or there are {@link #MOST}. */
    Mono<Void> add(RetentionPolicy policy, AuditEntry entry);

    /** The policy of that id; empty when the organisation has none. */
    Mono<RetentionPolicy> find(String organisation, String id);

    /** Policies of an organisation in order of id, those behind {@code after}, which is empty for the beginning. */
    Mono<List<RetentionPolicy>> list(String organisation, String after, int atMost);

    /**
     * Changes what a policy says, and when it is run next.
     *
     * @return the policy as it is now; empty when there is none; an error {@code conflict} when its name is taken
     */
    Mono<RetentionPolicy> change(
            String organisation, String id, RetentionRule rule, @Nullable Instant nextRun, AuditEntry entry);

    /** Removes a policy and its history; false when there is none. */
    Mono<Boolean> remove(String organisation, String id, AuditEntry entry);

    /** Policies that are due, those due longest first. */
    Mono<List<RetentionPolicy>> due(Instant now, int atMost);

    /**
     * Records how a policy stands after a run, unless the policy was changed meanwhile, and the run.
     *
     * @param run null when there is nothing to remember
     * @param kept runs of the policy that are remembered
     */
    Mono<Void> ran(RetentionPolicy policy, TaskState state, @Nullable RetentionRun run, int kept);

    /** Runs of a policy, the latest first. */
    Mono<List<RetentionRun>> runs(String policyId, int atMost);

    /** What files of a policy's measurements hold that is older than the cutoff, in order of name; only those with any. */
    Mono<List<ExpiredRows>> expired(RetentionPolicy policy, Instant cutoff);

    /** Files of a measurement of which every row is older than the cutoff, the oldest first. */
    Mono<List<DataFile>> expiredFiles(TableId table, Instant cutoff, int atMost);
}
