/** Owns one merge from its pinned inputs to the commit of its output. Start at {@link io.weir.ingest.compaction.run.MergeStep}. */
@NullMarked
package io.weir.ingest.compaction.run;

import org.jspecify.annotations.NullMarked;
