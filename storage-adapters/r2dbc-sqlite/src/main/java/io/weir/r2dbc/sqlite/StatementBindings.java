package io.weir.r2dbc.sqlite;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The values bound to a script: complete sets, and the one being bound. Not thread-safe, as R2DBC's statements. */
final class StatementBindings {
    private final SqlScript script;
    private final List<Map<Integer, BoundValue>> complete = new ArrayList<>();
    private Map<Integer, BoundValue> current = new HashMap<>();

    StatementBindings(SqlScript script) {
        this.script = script;
    }

    void bind(int index, BoundValue value) {
        if (!script.used().contains(index)) {
            throw new IndexOutOfBoundsException("parameter index " + index + " (expected one of " + script.used()
                    + ", counted from 0) in: " + script.sql());
        }
        current.put(index, value);
    }

    void bind(String name, BoundValue value) {
        Collection<Integer> indices = script.indicesOf(name);
        if (indices.isEmpty()) {
            throw new NoSuchElementException(
                    "parameter \"" + name + "\" (expected one of " + script.bindableNames() + ") in: " + script.sql());
        }
        indices.forEach(index -> current.put(index, value));
    }

    void add() {
        if (script.used().isEmpty()) {
            throw new IllegalStateException("add() on a statement without parameters: " + script.sql());
        }
        requireComplete();
        complete.add(current);
        current = new HashMap<>();
    }

    /** Every set to run with, the last included. */
    List<Map<Integer, BoundValue>> sets() {
        requireComplete();
        List<Map<Integer, BoundValue>> sets = new ArrayList<>(complete);
        sets.add(Map.copyOf(current));
        return sets;
    }

    private void requireComplete() {
        List<Integer> missing = script.used().stream()
                .filter(index -> !current.containsKey(index))
                .toList();
        if (!missing.isEmpty()) {
            throw new IllegalStateException("no value for parameter index " + missing
                    + " (expected: bind every parameter, before add() and execute()) in: " + script.sql());
        }
    }

    /**
     * A value as SQLite stores it: Long, Double, String, byte[], null, or a Blob or Clob still to be collected.
     *
     * @param value the value
     */
    record BoundValue(@Nullable Object value) {}
}
