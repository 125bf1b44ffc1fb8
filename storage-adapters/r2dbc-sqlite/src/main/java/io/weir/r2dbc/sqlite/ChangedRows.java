package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.Result;

/** The number of rows a statement inserted, updated or deleted, without those changed by triggers and foreign keys. */
record ChangedRows(long value) implements Result.UpdateCount {}
