package io.weir.storage.object;

import io.weir.common.error.ErrorCode;
import io.weir.common.error.ErrorKind;
import io.weir.common.error.WeirException;

/** How an object store fails. */
public enum ObjectStoreError implements ErrorCode {
    /** The key is taken; nothing changed. */
    OBJECT_EXISTS("object-exists", ErrorKind.INTERNAL, 500, "Object exists already"),
    /** There is no such object. */
    OBJECT_MISSING("object-missing", ErrorKind.EXTERNAL, 503, "Object is missing"),
    /** What was read is not what was put. */
    OBJECT_DAMAGED("object-damaged", ErrorKind.EXTERNAL, 503, "Object is damaged"),
    /** The store answered that it will not do it (credentials, permissions, bucket); nothing changed, and trying again at once does not help. */
    OBJECT_STORE_REFUSED("object-store-refused", ErrorKind.EXTERNAL, 503, "Object store refused"),
    /** Not tried, because the store is known to be failing or has too much to do; nothing changed. */
    OBJECT_STORE_BUSY("object-store-busy", ErrorKind.CAPACITY, 503, "Object store is busy"),
    /** It took too long; the outcome is unknown. */
    OBJECT_STORE_TIMEOUT("object-store-timeout", ErrorKind.EXTERNAL, 503, "Object store timed out"),
    /** It failed; the outcome is unknown. */
    OBJECT_STORE_FAILED("object-store-failed", ErrorKind.EXTERNAL, 503, "Object store failed");

    private final String id;
    private final ErrorKind kind;
    private final int status;
    private final String title;

    ObjectStoreError(String id, ErrorKind kind, int status, String title) {
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

    /** Whether that failure has this code. */
    public boolean is(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == this;
    }

    /** Whether the operation that ended so may have happened, or may yet. */
    public static boolean outcomeUnknown(Throwable failure) {
        return !(failure instanceof WeirException weir)
                || weir.code() == OBJECT_STORE_FAILED
                || weir.code() == OBJECT_STORE_TIMEOUT;
    }
}
