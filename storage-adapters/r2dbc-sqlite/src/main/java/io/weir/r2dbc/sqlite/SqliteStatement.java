package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.R2dbcBadGrammarException;
import io.r2dbc.spi.Statement;
import io.weir.r2dbc.sqlite.StatementBindings.BoundValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * SQL with its values. Parameters are bound by index, counted from 0 in SQLite's numbering, or by name with or without
 * prefix; a script of several statements shares them. Not thread-safe until {@link #execute}, whose publisher may be
 * subscribed again.
 */
final class SqliteStatement implements Statement {
    private final SqliteConnection connection;
    private final SqlScript script;
    private final StatementBindings bindings;
    private @Nullable List<String> returning;

    SqliteStatement(SqliteConnection connection, String sql) {
        this.connection = connection;
        this.script = SqlScript.parse(sql);
        this.bindings = new StatementBindings(script);
    }

    @Override
    public SqliteStatement add() {
        bindings.add();
        return this;
    }

    @Override
    public SqliteStatement bind(int index, Object value) {
        bindings.bind(index, ValueEncoder.encode(value));
        return this;
    }

    @Override
    public SqliteStatement bind(String name, Object value) {
        requireName(name);
        bindings.bind(name, ValueEncoder.encode(value));
        return this;
    }

    @Override
    public SqliteStatement bindNull(int index, Class<?> type) {
        requireType(type);
        bindings.bind(index, new BoundValue(null));
        return this;
    }

    @Override
    public SqliteStatement bindNull(String name, Class<?> type) {
        requireName(name);
        requireType(type);
        bindings.bind(name, new BoundValue(null));
        return this;
    }

    @Override
    public SqliteStatement returnGeneratedValues(String... columns) {
        if (columns == null || Arrays.asList(columns).contains(null)) {
            throw new IllegalArgumentException("columns are null (expected: names, or none for all columns)");
        }
        returning = List.of(columns);
        return this;
    }

    @Override
    public Flux<SqliteResult> execute() {
        List<SqlPart> parts = returning == null
                ? script.parts()
                : script.parts().stream().map(part -> part.returning(returning)).toList();
        List<Map<Integer, BoundValue>> sets = bindings.sets();
        if (parts.isEmpty()) {
            return Flux.error(
                    new R2dbcBadGrammarException("no statement in the SQL (expected: one or more)", script.sql()));
        }
        return connection.execute(owner -> Flux.fromIterable(sets)
                // One at a time, each when it is asked for.
                .concatMap(
                        set -> Flux.fromIterable(parts)
                                .concatMap(part -> connection.execute(part, values(set), owner), 0),
                        0));
    }

    /** The values by index, in an array of its own for every execution. */
    private @Nullable Object[] values(Map<Integer, BoundValue> set) {
        @Nullable
        Object[] values = new Object[script.used().isEmpty() ? 0 : script.used().last() + 1];
        set.forEach((index, value) -> values[index] = value.value());
        return values;
    }

    private static void requireName(@Nullable String name) {
        if (name == null) {
            throw new IllegalArgumentException("parameter name is null (expected: a name)");
        }
    }

    private static void requireType(@Nullable Class<?> type) {
        if (type == null) {
            throw new IllegalArgumentException("type is null (expected: the type of the parameter)");
        }
    }
}
