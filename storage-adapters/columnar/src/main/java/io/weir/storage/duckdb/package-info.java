/**
 * Owns the embedded query engine: one locked DuckDB instance, its bounded sessions, and how hot rows and files become
 * relations in it. Start at {@link io.weir.storage.duckdb.DuckDbEngine}.
 */
@NullMarked
package io.weir.storage.duckdb;

import org.jspecify.annotations.NullMarked;
