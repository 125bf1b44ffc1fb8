package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.Batch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** Statements without parameters, run one after the other, each when its result is asked for. Not thread-safe. */
final class SqliteBatch implements Batch {
    private final SqliteConnection connection;
    private final List<SqlPart> parts = new ArrayList<>();

    SqliteBatch(SqliteConnection connection) {
        this.connection = connection;
    }

    @Override
    public SqliteBatch add(String sql) {
        SqlScript script = SqlScript.parse(SqliteConnection.requireSql(sql));
        if (!script.used().isEmpty()) {
            throw new IllegalArgumentException(
                    "a batch takes no parameters (expected: a statement with add()) in: " + sql);
        }
        parts.addAll(script.parts());
        return this;
    }

    @Override
    public Flux<SqliteResult> execute() {
        List<SqlPart> snapshot = List.copyOf(parts);
        @Nullable Object[] none = new Object[0];
        return connection.execute(
                owner -> Flux.fromIterable(snapshot).concatMap(part -> connection.execute(part, none, owner), 0));
    }
}
