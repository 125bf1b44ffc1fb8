package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.R2dbcBadGrammarException;
import io.r2dbc.spi.R2dbcDataIntegrityViolationException;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import io.r2dbc.spi.R2dbcRollbackException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteException;

/** Turns SQLite's result codes ("Result and Error Codes") into R2DBC's exceptions; the code is kept as the error code. */
final class SqliteErrors {
    static final int BUSY = 5;
    static final int INTERRUPT = 9;
    static final int BUSY_SNAPSHOT = 517;

    private static final int CONSTRAINT_PRIMARYKEY = 1555;
    private static final int CONSTRAINT_UNIQUE = 2067;
    private static final int CONSTRAINT_ROWID = 2579;

    private static final String INTEGRITY_STATE = "23000";
    private static final String UNIQUE_STATE = "23505";
    private static final String SYNTAX_STATE = "42000";
    private static final String SERIALIZATION_STATE = "40001";

    private SqliteErrors() {}

    /** The extended result code, or 0 when the error is sqlite-jdbc's own. */
    static int code(SQLException error) {
        return error instanceof SQLiteException sqlite ? sqlite.getResultCode().code : 0;
    }

    /** Whether an error of the compiler is about the SQL, and not, say, an interrupt. */
    static boolean isGrammar(SQLException error) {
        return primary(code(error)) == 1;
    }

    /** SQLite could not compile the statement: the SQL is wrong. */
    static R2dbcException badGrammar(SQLException error, String sql) {
        return new R2dbcBadGrammarException(error.getMessage(), SYNTAX_STATE, code(error), sql, error);
    }

    /** An error while SQLite ran the statement. */
    static R2dbcException running(SQLException error, @Nullable String sql) {
        int code = code(error);
        String message = error.getMessage();
        return switch (primary(code)) {
            case BUSY ->
                code == BUSY_SNAPSHOT
                        ? new R2dbcRollbackException(message, SERIALIZATION_STATE, code, sql, error)
                        : new SqliteBusyException(message, code, sql, error);
            case 6, INTERRUPT -> new R2dbcTransientResourceException(message, null, code, sql, error);
            case 3, 8, 23 -> new R2dbcPermissionDeniedException(message, null, code, sql, error);
            case 18, 19, 20 ->
                new R2dbcDataIntegrityViolationException(message, integrityState(code), code, sql, error);
            case 25 -> new R2dbcBadGrammarException(message, SYNTAX_STATE, code, sql, error);
            case 7, 10, 11, 13, 14, 26 -> new R2dbcNonTransientResourceException(message, null, code, sql, error);
            default -> new SqliteException(message, code, sql, error);
        };
    }

    private static int primary(int code) {
        return code & 0xff;
    }

    private static String integrityState(int code) {
        return switch (code) {
            case CONSTRAINT_PRIMARYKEY, CONSTRAINT_UNIQUE, CONSTRAINT_ROWID -> UNIQUE_STATE;
            default -> INTEGRITY_STATE;
        };
    }

    static R2dbcException opening(SQLException error, DatabaseLocation location) {
        R2dbcException failure = running(error, null);
        return failure instanceof SqliteBusyException
                ? failure
                : new R2dbcNonTransientResourceException(
                        "cannot open " + location + ": " + error.getMessage(), null, code(error), error);
    }

    static R2dbcException closed(String what) {
        return new R2dbcNonTransientResourceException(what + " is closed");
    }
}
