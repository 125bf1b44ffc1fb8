package io.weir.storage.resilience;

import java.util.Locale;

/** Kinds of calls that fail apart: each has a breaker and a bulkhead of its own. */
public enum OperationClass {
    /** Head and read. */
    READ,
    /** Put. */
    WRITE,
    /** List. */
    LIST,
    /** Remove. */
    REMOVE;

    /** As figures and health name it. */
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
