package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.R2dbcTransientResourceException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Another connection held a lock for longer than the busy timeout. The statement changed nothing; trying it again is
 * safe. The error code is SQLite's extended result code.
 */
public final class SqliteBusyException extends R2dbcTransientResourceException {
    private static final long serialVersionUID = 1L;

    SqliteBusyException(@Nullable String message, int code, @Nullable String sql, @Nullable Throwable cause) {
        super(message, null, code, sql, cause);
    }

    SqliteBusyException afterWaiting(Duration timeout) {
        return new SqliteBusyException(
                getMessage() + "; still locked after " + timeout + " (busyTimeout)",
                getErrorCode(),
                getSql(),
                getCause());
    }
}
