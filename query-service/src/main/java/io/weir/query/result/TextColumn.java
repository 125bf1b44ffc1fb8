package io.weir.query.result;

/** Writes the value of one column at a row as text. Bound to the vectors of one result; not thread-safe. */
@FunctionalInterface
interface TextColumn {

    void write(TextBytes out, int row);

    /** Prepares for the rows of a batch that was just advanced to. */
    default void load(int rows) {
        // A writer that reads the vectors themselves has nothing to prepare.
    }
}
