package io.weir.storage.duckdb;

/**
 * How the engine is.
 *
 * @param ok whether at most three checks in a row have failed
 * @param failures checks in a row that failed
 */
public record EngineStatus(boolean ok, int failures) {}
