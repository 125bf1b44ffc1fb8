package io.weir.storage.catalog;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** How the catalog fails. */
public enum CatalogError implements ErrorCode {
    COLUMN_CONFLICT("column-conflict", ErrorKind.CLIENT, 422, "Column type conflict"),
    CATALOG_UNAVAILABLE("catalog-unavailable", ErrorKind.EXTERNAL, 503, "Catalog unavailable"),

    /** The connection was lost while a change was committed. Repeat the change; delete nothing that it may have named. */
    COMMIT_UNKNOWN("catalog-commit-unknown", ErrorKind.EXTERNAL, 503, "Outcome of a change of the catalog unknown"),

    /** Files that a change was to remove are gone. Nothing happened, and never will: clean up, and begin anew. */
    COMMIT_CONFLICT("commit-conflict", ErrorKind.CLIENT, 409, "Files changed meanwhile"),

    /** A lease ended, or is another's. Nothing happened, and never will: clean up. */
    LEASE_LOST("lease-lost", ErrorKind.CLIENT, 409, "Lease lost"),

    /** A task that is run again and again was changed, removed, or run by another process. Nothing happened: begin anew. */
    TASK_CHANGED("task-changed", ErrorKind.CLIENT, 409, "Changed meanwhile"),

    /** Rows that were deleted are still in files, and hidden by the catalog. Nothing happened: wait until they are rewritten. */
    DELETES_PENDING("deletes-pending", ErrorKind.CLIENT, 409, "Deleted rows are still in files"),

    /** A file to be committed is on its way out of the store; a later commit, after a later put, succeeds. */
    FILE_REMOVED("file-removed", ErrorKind.INTERNAL, 503, "File is being removed"),
    CATALOG_TOO_NEW("catalog-too-new", ErrorKind.INTERNAL, 500, "Catalog is newer than this program");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    CatalogError(String id, ErrorKind kind, int status, String title) {
        this.id = id;
        this.kind = kind;
        this.status = status;
        this.title = title;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public ErrorKind kind() {
        return kind;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String title() {
        return title;
    }
}
