package io.weir.common.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The columns of one measurement in the order they were first used, besides {@code time} (and {@code time_nanos}, see
 * {@link #hasNanos}). Immutable and thread-safe. The position of a column gives its Parquet field id, for ever.
 */
public final class MeasurementSchema {

    /** Name of the time column: UTC microseconds since 1970. Reserved. */
    public static final String TIME = "time";

    /** Name of the column holding the 0–999 nanoseconds that {@link #TIME} cannot. Reserved. */
    public static final String TIME_NANOS = "time_nanos";

    /** Parquet field id of {@link #TIME}. */
    public static final int TIME_FIELD_ID = 1;

    /** Parquet field id of {@link #TIME_NANOS}. */
    public static final int TIME_NANOS_FIELD_ID = 2;

    /** Parquet field id of the column at position 0. */
    public static final int FIRST_FIELD_ID = 3;

    private static final MeasurementSchema EMPTY = new MeasurementSchema(List.of(), false);

    private final List<Column> columns;
    private final boolean hasNanos;
    private final Map<String, Integer> positions = new HashMap<>();

    private MeasurementSchema(List<Column> columns, boolean hasNanos) {
        this.columns = List.copyOf(columns);
        this.hasNanos = hasNanos;
        for (int i = 0; i < columns.size(); i++) {
            if (positions.put(columns.get(i).name(), i) != null) {
                throw new IllegalArgumentException(
                        "two columns named " + columns.get(i).name());
            }
        }
    }

    /** A schema without columns. */
    public static MeasurementSchema empty() {
        return EMPTY;
    }

    /** A schema of those columns, in that order; names must differ. */
    public static MeasurementSchema of(List<Column> columns, boolean hasNanos) {
        return columns.isEmpty() && !hasNanos ? EMPTY : new MeasurementSchema(columns, hasNanos);
    }

    /** Columns in order of first use. */
    public List<Column> columns() {
        return columns;
    }

    /** Whether some point of this measurement needed nanoseconds, so that a {@code time_nanos} column exists. */
    public boolean hasNanos() {
        return hasNanos;
    }

    /** The column of exactly that name, or null. */
    public @Nullable Column find(String name) {
        Integer position = positions.get(name);
        return position == null ? null : columns.get(position);
    }

    /** Position of that column in {@link #columns}, or -1. */
    public int positionOf(String name) {
        return positions.getOrDefault(name, -1);
    }

    /** Parquet field id of that column. @throws IllegalArgumentException when there is none of that name */
    public int fieldIdOf(String name) {
        int position = positionOf(name);
        if (position < 0) {
            throw new IllegalArgumentException("no column named " + name);
        }
        return FIRST_FIELD_ID + position;
    }

    /** This schema followed by those of {@code more} that it lacks; {@code nanos} turns {@code time_nanos} on. */
    public MeasurementSchema plus(List<Column> more, boolean nanos) {
        List<Column> all = new ArrayList<>(columns);
        for (Column column : more) {
            if (positionOf(column.name()) < 0) {
                all.add(column);
            }
        }
        return all.size() == columns.size() && hasNanos == (hasNanos || nanos)
                ? this
                : new MeasurementSchema(all, hasNanos || nanos);
    }

    /**
     * The name a query sees for each column, in column order: its own name, or, because SQL names ignore case, that
     * name followed by {@code _1}, {@code _2}, … for a column whose name differs from an earlier one in case only.
     */
    public List<String> queryNames() {
        Set<String> taken = new HashSet<>(Set.of(TIME, TIME_NANOS));
        List<String> names = new ArrayList<>(columns.size());
        for (Column column : columns) {
            String name = column.name();
            for (int n = 1; !taken.add(name.toLowerCase(Locale.ROOT)); n++) {
                name = column.name() + "_" + n;
            }
            names.add(name);
        }
        return names;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MeasurementSchema that && columns.equals(that.columns) && hasNanos == that.hasNanos;
    }

    @Override
    public int hashCode() {
        return columns.hashCode() * 2 + (hasNanos ? 1 : 0);
    }

    @Override
    public String toString() {
        return columns + (hasNanos ? " with nanoseconds" : "");
    }
}
