package io.weir.ingest.compaction.run;

import org.jspecify.annotations.Nullable;

/** An input that cannot be read, whatever is tried: its object is missing or damaged. */
public final class InputFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String objectKey;

    InputFailure(String objectKey, @Nullable Throwable cause) {
        super("data file " + objectKey + " cannot be read" + (cause == null ? "" : ": " + cause.getMessage()), cause);
        this.objectKey = objectKey;
    }

    /** The input. */
    public String objectKey() {
        return objectKey;
    }
}
