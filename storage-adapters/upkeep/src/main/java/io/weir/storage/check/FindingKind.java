package io.weir.storage.check;

import java.util.Locale;

/** What can be wrong with one file, and what a repair does about it. */
public enum FindingKind {
    /** The catalog has the file, the store does not. */
    MISSING("with --drop-missing, drops it from the catalog: its rows are lost"),
    /** The store has the file, the catalog does not, and it is older than the grace period. */
    ORPHAN("removes it"),
    /** The object is longer or shorter than the file the catalog has. */
    SIZE("nothing; restore the object from a backup"),
    /** The object does not have the checksum it was put with. */
    CHECKSUM("nothing; restore the object from a backup"),
    /** The object is no Parquet file that can be opened. */
    FOOTER("nothing; restore the object from a backup"),
    /** The object has another number of rows than the file the catalog has. */
    ROWS("nothing; restore the object from a backup");

    private final String repair;

    FindingKind(String repair) {
        this.repair = repair;
    }

    /** As the command line names it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What a repair does about it. */
    public String repair() {
        return repair;
    }
}
