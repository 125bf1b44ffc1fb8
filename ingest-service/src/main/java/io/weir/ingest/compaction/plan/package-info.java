/** Owns the choice of files that are merged next. Start at {@link io.weir.ingest.compaction.plan.PartitionPlan}. */
@NullMarked
package io.weir.ingest.compaction.plan;

import org.jspecify.annotations.NullMarked;
