package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.R2dbcBadGrammarException;
import io.r2dbc.spi.R2dbcDataIntegrityViolationException;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class ErrorTranslationTest extends SqliteFixture {
    private SqliteConnection connection;

    @BeforeEach
    void createTables() {
        connection = open();
        run(update(
                connection,
                "CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT UNIQUE, n TEXT NOT NULL, c INTEGER CHECK (c > 0),"
                        + " p INTEGER REFERENCES t (id)); INSERT INTO t VALUES (1, 'a', 'b', 1, NULL)"));
    }

    private R2dbcException error(String sql) {
        Throwable error = failure(update(connection, sql));
        assertThat(error).isInstanceOf(R2dbcException.class);
        return (R2dbcException) error;
    }

    @Test
    void wrongSqlIsBadGrammarWithTheSql() {
        R2dbcException error = error("SELEC 1");
        assertThat(error).isInstanceOf(R2dbcBadGrammarException.class).hasMessageContaining("near \"SELEC\"");
        assertThat(error.getSql()).isEqualTo("SELEC 1");
        assertThat(error("SELECT * FROM missing")).isInstanceOf(R2dbcBadGrammarException.class);
    }

    @Test
    void onlyThePartOfAScriptThatFailedIsNamed() {
        assertThat(error("SELECT 1; SELEC 2; SELECT 3").getSql()).isEqualTo("SELEC 2");
    }

    @Test
    void violationsAreDataIntegrityAndDuplicateKeysHaveTheirState() {
        R2dbcException duplicate = error("INSERT INTO t VALUES (2, 'a', 'b', 1, NULL)");
        assertThat(duplicate)
                .isInstanceOf(R2dbcDataIntegrityViolationException.class)
                .hasMessageContaining("UNIQUE constraint failed: t.u");
        assertThat(duplicate.getSqlState()).isEqualTo("23505");
        assertThat(duplicate.getErrorCode()).isEqualTo(2067);
        assertThat(error("INSERT INTO t VALUES (1, 'x', 'b', 1, NULL)").getSqlState())
                .isEqualTo("23505");
        for (String values : new String[] {"2, 'x', NULL, 1, NULL", "2, 'x', 'b', -1, NULL", "2, 'x', 'b', 1, 99"}) {
            R2dbcException error = error("INSERT INTO t VALUES (" + values + ")");
            assertThat(error).isInstanceOf(R2dbcDataIntegrityViolationException.class);
            assertThat(error.getSqlState()).isEqualTo("23000");
        }
        assertThat(error("INSERT INTO t (id) VALUES ('not a number')"))
                .isInstanceOf(R2dbcDataIntegrityViolationException.class);
    }

    @Test
    void errorsOfDataAtRunTimeAreSqliteExceptions() {
        assertThat(error("UPDATE t SET n = json('{')"))
                .isInstanceOf(SqliteException.class)
                .hasMessageContaining("malformed JSON");
    }

    @Test
    void writesOnAReadOnlyConnectionAreDenied() {
        SqliteConnectionFactory readOnly =
                SqliteConnectionFactory.of(configuration().readOnly(true).build());
        try {
            SqliteConnection reader = (SqliteConnection) await(readOnly.create());
            assertThat(awaitAll(select(reader, "SELECT count(*) FROM t"))).containsExactly(1L);
            assertThat(failure(update(reader, "DELETE FROM t"))).isInstanceOf(R2dbcPermissionDeniedException.class);
            run(reader.beginTransaction());
            assertThat(awaitAll(select(reader, "SELECT count(*) FROM t"))).containsExactly(1L);
            run(reader.commitTransaction());
        } finally {
            run(readOnly.close());
            assertNothingLeft(readOnly);
        }
    }

    @Test
    void aTableInUseIsTransient() {
        StepVerifier.create(select(connection, "SELECT 1 FROM t, (VALUES (1), (2))"), 1)
                .expectNext(1L)
                .then(() -> assertThat(failure(update(connection, "DROP TABLE t")))
                        .isInstanceOf(R2dbcTransientResourceException.class)
                        .hasMessageContaining("SQLITE_LOCKED"))
                .thenCancel()
                .verify(PATIENCE);
        run(update(connection, "DROP TABLE t"));
    }

    @Test
    void aMissingDirectoryIsNamed() {
        Path missing = directory.resolve("missing").resolve("a.db");
        SqliteConnectionFactory other = SqliteConnectionFactory.of(
                SqliteConnectionConfiguration.builder().path(missing).build());
        assertThat(failure(other.create()))
                .isInstanceOf(R2dbcNonTransientResourceException.class)
                .hasMessageStartingWith("cannot open " + missing + ": ");
        run(other.close());
        assertNothingLeft(other);
    }

    @Test
    void aFileThatIsNoDatabaseIsNamed() throws Exception {
        Path text = Files.writeString(directory.resolve("text.db"), "This is not a database. ".repeat(200));
        SqliteConnectionFactory other = SqliteConnectionFactory.of(
                SqliteConnectionConfiguration.builder().path(text).build());
        assertThat(failure(other.create()))
                .isInstanceOf(R2dbcNonTransientResourceException.class)
                .hasMessageContaining("cannot open " + text)
                .hasMessageContaining("SQLITE_NOTADB");
        run(other.close());
        assertNothingLeft(other);
    }

    @Test
    void sqlWithoutAStatementIsBadGrammar() {
        assertThat(failure(connection.createStatement(" -- nothing").execute()))
                .isInstanceOf(R2dbcBadGrammarException.class)
                .hasMessageContaining("no statement");
    }
}
