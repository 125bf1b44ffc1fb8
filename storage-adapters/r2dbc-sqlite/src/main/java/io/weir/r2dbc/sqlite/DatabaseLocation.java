package io.weir.r2dbc.sqlite;

import java.nio.file.Path;

/** Where a database lives: in a file, or in the memory of this process under a name. */
sealed interface DatabaseLocation {

    /** The URL sqlite-jdbc opens. */
    String jdbcUrl();

    /**
     * A database file.
     *
     * @param path absolute, so that it cannot be taken for one of sqlite-jdbc's special names
     */
    record OnDisk(Path path) implements DatabaseLocation {
        public OnDisk {
            if (path.toString().isBlank()) {
                throw new IllegalArgumentException("path is empty (expected: the path of a database file)");
            }
            // sqlite-jdbc takes what follows as parameters, and would silently open another file.
            if (path.toString().indexOf('?') >= 0) {
                throw new IllegalArgumentException("path \"" + path + "\" contains '?' (expected: a path without it)");
            }
            path = path.toAbsolutePath().normalize();
        }

        @Override
        public String jdbcUrl() {
            return "jdbc:sqlite:" + path;
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }

    /**
     * A database in memory, shared by every connection of the process that uses the name, and gone with the last one.
     *
     * @param name letters, digits, '-', '_' and '.'
     */
    record InMemory(String name) implements DatabaseLocation {
        public InMemory {
            if (!name.matches("[A-Za-z0-9._-]+")) {
                throw new IllegalArgumentException(
                        "in-memory database name \"" + name + "\" (expected: letters, digits, '-', '_' or '.')");
            }
        }

        @Override
        public String jdbcUrl() {
            // The leading slash is what makes SQLite's memdb share the database between connections.
            return "jdbc:sqlite:file:/" + name + "?vfs=memdb";
        }

        @Override
        public String toString() {
            return "memory:" + name;
        }
    }
}
