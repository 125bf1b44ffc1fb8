package io.weir.query.snapshot;

import java.util.List;

/**
 * One data file of a snapshot.
 *
 * @param path absolute local path, inside the engine's data directories
 * @param rows rows in it
 * @param minTimeMicros earliest time in it, UTC microseconds
 * @param maxTimeMicros latest time in it, UTC microseconds
 * @param deleted predicates over the measurement's columns; rows for which one of them is true are deleted
 */
public record FileRef(String path, long rows, long minTimeMicros, long maxTimeMicros, List<String> deleted) {

    public FileRef {
        deleted = List.copyOf(deleted);
    }

    /** A file of which no row is deleted. */
    public FileRef(String path, long rows, long minTimeMicros, long maxTimeMicros) {
        this(path, rows, minTimeMicros, maxTimeMicros, List.of());
    }
}
