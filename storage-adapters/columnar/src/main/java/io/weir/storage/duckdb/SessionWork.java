package io.weir.storage.duckdb;

import java.sql.SQLException;

/**
 * Blocking work of a session, run on its worker.
 *
 * @param <R> what it gives
 */
@FunctionalInterface
public interface SessionWork<R> {

    /** Does the work; the connection is valid only during the call. */
    R run(SessionConnection connection) throws SQLException;
}
