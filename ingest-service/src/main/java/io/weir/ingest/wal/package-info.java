/**
 * Owns the write-ahead log: column batches of all requests, made durable by one thread with one sync for all that wait,
 * and replayed after a crash. Start at {@link io.weir.ingest.wal.WriteAheadLog}.
 */
@NullMarked
package io.weir.ingest.wal;

import org.jspecify.annotations.NullMarked;
