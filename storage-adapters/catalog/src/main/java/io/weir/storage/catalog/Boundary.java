package io.weir.storage.catalog;

/**
 * What a retention policy does with a file of which some rows are too old and some are not. The numbers are stored ({@code
 * retention_policies.boundary}).
 */
public enum Boundary {
    /** The file stays as it is until all its rows are too old. */
    KEEP(0),
    /** Its rows that are too old are deleted, and the file is rewritten without them. */
    REWRITE(1);

    private final int code;

    Boundary(int code) {
        this.code = code;
    }

    /** What is stored of it. */
    int code() {
        return code;
    }

    static Boundary ofCode(long code) {
        return code == REWRITE.code ? REWRITE : KEEP;
    }
}
