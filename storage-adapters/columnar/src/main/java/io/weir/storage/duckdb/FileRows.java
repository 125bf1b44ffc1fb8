package io.weir.storage.duckdb;

import java.util.List;

/**
 * Files of a measurement, and which of their rows are not shown.
 *
 * @param paths absolute paths, inside the data directories, at least one
 * @param deleted predicates over the measurement's columns; rows for which one of them is true are not shown
 */
public record FileRows(List<String> paths, List<String> deleted) {

    public FileRows {
        paths = List.copyOf(paths);
        deleted = List.copyOf(deleted);
    }

    /** All rows of those files; nothing when there are no files. */
    public static List<FileRows> all(List<String> paths) {
        return paths.isEmpty() ? List.of() : List.of(new FileRows(paths, List.of()));
    }
}
