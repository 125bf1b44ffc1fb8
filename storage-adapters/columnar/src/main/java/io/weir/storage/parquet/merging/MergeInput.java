package io.weir.storage.parquet.merging;

import java.nio.file.Path;
import java.util.BitSet;

/**
 * One file to be merged.
 *
 * @param file where it is
 * @param name what messages call it
 * @param rows rows it must have
 * @param left numbers of the rows, in its order, that are left out; not to be changed
 */
public record MergeInput(Path file, String name, long rows, BitSet left) {

    private static final BitSet NONE = new BitSet(0);

    /** A file to be merged with all its rows. */
    public MergeInput(Path file, String name, long rows) {
        this(file, name, rows, NONE);
    }

    /** Rows of it that are not left out. */
    public long rowsKept() {
        return rows - left.cardinality();
    }
}
