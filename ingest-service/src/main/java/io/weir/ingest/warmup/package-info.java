/**
 * Owns the practice a server does before it takes requests, so that the first of them do not meet cold code. Start at
 * {@link io.weir.ingest.warmup.WarmUp}.
 */
@NullMarked
package io.weir.ingest.warmup;

import org.jspecify.annotations.NullMarked;
