/**
 * Owns the promise that a write with a key is stored once, however often it is sent. Start at
 * {@link io.weir.ingest.idempotency.WriteKeys}.
 */
@NullMarked
package io.weir.ingest.idempotency;

import org.jspecify.annotations.NullMarked;
