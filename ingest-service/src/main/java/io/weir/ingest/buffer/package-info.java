/**
 * Owns rows that are durable but not yet in files: one ingest buffer a measurement, in parts that are flushed whole.
 * Start at {@link io.weir.ingest.buffer.IngestBuffers}.
 */
@NullMarked
package io.weir.ingest.buffer;

import org.jspecify.annotations.NullMarked;
