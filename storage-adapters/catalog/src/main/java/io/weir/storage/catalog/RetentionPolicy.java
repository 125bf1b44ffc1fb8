package io.weir.storage.catalog;

import io.weir.common.model.TableId;
import io.weir.common.model.Wildcards;
import java.time.Instant;

/**
 * A retention policy.
 *
 * @param id its id
 * @param organisation whose rows it is about
 * @param rule what it says
 * @param created when it was made
 * @param revision grows with every change of the rule
 * @param state how its runs go
 */
public record RetentionPolicy(
        String id, String organisation, RetentionRule rule, Instant created, long revision, TaskState state) {

    /** Whether it is about that measurement. */
    public boolean covers(TableId table) {
        return table.organisation().equals(organisation)
                && Wildcards.matches(rule.databases(), table.database())
                && Wildcards.matches(rule.measurements(), table.measurement());
    }
}
