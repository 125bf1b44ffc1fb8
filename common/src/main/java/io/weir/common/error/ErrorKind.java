package io.weir.common.error;

/** Whose fault a failure is, and so what a client should do about it. */
public enum ErrorKind {
    /** The request is wrong; the same request will fail again. */
    CLIENT,
    /** Weir is out of something for now; the same request may succeed later. */
    CAPACITY,
    /** Weir itself failed. */
    INTERNAL,
    /** Something Weir depends on failed: disk, object store, catalog. */
    EXTERNAL
}
