package io.weir.storage.upkeep;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;

/** Why the store is left as it is. */
public enum UpkeepError implements ErrorCode {
    /** The store holds files of another catalog. */
    STORE_OF_ANOTHER_CATALOG("store-of-another-catalog", ErrorKind.INTERNAL, 500, "Store of another catalog");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    UpkeepError(String id, ErrorKind kind, int status, String title) {
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
