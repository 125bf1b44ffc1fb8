/** Owns the dropping of rows that have become too old, by policies. Start at {@link io.weir.ingest.retention.RetentionWorker}. */
@NullMarked
package io.weir.ingest.retention;

import org.jspecify.annotations.NullMarked;
