package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.R2dbcNonTransientException;
import org.jspecify.annotations.Nullable;

/**
 * An error of SQLite for which R2DBC has no closer type, such as malformed JSON given to a function. The error code is
 * SQLite's extended result code.
 */
public final class SqliteException extends R2dbcNonTransientException {
    private static final long serialVersionUID = 1L;

    SqliteException(@Nullable String message, int code, @Nullable String sql, @Nullable Throwable cause) {
        super(message, null, code, sql, cause);
    }
}
