package io.weir.storage.catalog;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Inserts many rows into one table with few statements, in whatever transaction the caller opened. A statement carries
 * {@value #ROWS_A_STATEMENT} rows at most, which keeps it far below the parameter limits of SQLite (32,766) and
 * PostgreSQL (65,535). Values are never null. Not thread-safe.
 */
final class BulkInsert {

    private static final int ROWS_A_STATEMENT = 200;

    private final String into;
    private final int width;
    private final List<Object[]> rows = new ArrayList<>();
    private String conflict = "";

    /**
     * An insert without rows.
     *
     * @param table name of the table
     * @param columns names of the columns every row has
     */
    BulkInsert(String table, String... columns) {
        this.into = "INSERT INTO " + table + " (" + String.join(", ", columns) + ") VALUES ";
        this.width = columns.length;
    }

    /** Says what becomes of a row that is there already: what follows {@code ON CONFLICT}. No two of the rows may be one. */
    BulkInsert onConflict(String action) {
        conflict = " ON CONFLICT " + action;
        return this;
    }

    /** Adds a row: its values in the order of the columns. */
    void row(Object... values) {
        if (values.length != width) {
            throw new IllegalArgumentException("a row of " + values.length + " values (expected: " + width + ")");
        }
        rows.add(values);
    }

    /** Inserts every row; nothing happens when there is none. */
    Mono<Void> run(DatabaseClient client) {
        return Flux.range(0, (rows.size() + ROWS_A_STATEMENT - 1) / ROWS_A_STATEMENT)
                .map(n -> rows.subList(n * ROWS_A_STATEMENT, Math.min(rows.size(), (n + 1) * ROWS_A_STATEMENT)))
                .concatMap(chunk -> client.inConnection(connection -> insert(connection, chunk)))
                .then();
    }

    private Mono<Void> insert(Connection connection, List<Object[]> chunk) {
        // Both drivers take $1, $2, … and bind by position.
        Statement statement = connection.createStatement(into + places(chunk.size()) + conflict);
        int at = 0;
        for (Object[] row : chunk) {
            for (Object value : row) {
                statement.bind(at++, value);
            }
        }
        return Flux.from(statement.execute()).concatMap(Result::getRowsUpdated).then();
    }

    private String places(int count) {
        StringJoiner all = new StringJoiner(", ");
        for (int row = 0; row < count; row++) {
            StringJoiner one = new StringJoiner(", ", "(", ")");
            for (int column = 1; column <= width; column++) {
                one.add("$" + (row * width + column));
            }
            all.add(one.toString());
        }
        return all.toString();
    }
}
