/**
 * Owns the R2DBC driver for SQLite: sqlite-jdbc behind the R2DBC 1.0 interfaces, run on a bounded scheduler.
 *
 * <p>Start at {@link io.weir.r2dbc.sqlite.SqliteConnectionFactory}. The life of a statement is
 * {@link io.weir.r2dbc.sqlite.SqliteStatement}, {@link io.weir.r2dbc.sqlite.ConnectionWorker},
 * {@link io.weir.r2dbc.sqlite.JdbcSession}, {@link io.weir.r2dbc.sqlite.SqliteResult}.
 */
@NullMarked
package io.weir.r2dbc.sqlite;

import org.jspecify.annotations.NullMarked;
